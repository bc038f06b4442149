//! The console: pages for people who work in the shop. They are made here, work without script, and ask nothing of any
//! other place.
//!
//! - [`frame`] is what every page has around it, [`page`] what a page is: a context with a `sample()`;
//! - [`reader`] is who reads, in which language and light; [`guard`] lets them in and checks what they send;
//! - [`door`] signs in and out; [`problem`] is every "no" as a page; [`files`] are style, script and mark;
//! - [`counts`] counts segments;
//! - each further file is a page, laid out like the URLs; [`samples`] lists all of them for the test that looks.
//!
//! A page takes what it shows from the engine by the functions the API uses; it decides nothing.

pub mod analysis;
pub mod attention;
pub mod campaigns;
pub mod counts;
pub mod customers;
pub mod door;
pub mod files;
pub mod frame;
pub mod guard;
pub mod home;
pub mod imports;
pub mod page;
pub mod problem;
pub mod program;
pub mod reader;
pub mod samples;
pub mod settings;
pub mod styleguide;
pub mod today;

use crate::app::App;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use engine::staff::permissions::Operation::{self, *};
use guard::{Door, Needs};
use std::sync::Arc;

/// All pages.
pub fn router(app: &App) -> Router<App> {
    let page = |needs: Needs, route: MethodRouter<App>| {
        route.route_layer(from_fn_with_state(Door { app: app.clone(), needs }, guard::guard))
    };
    Router::new()
        .route("/", page(Needs::SignIn, get(home::show)))
        .route("/live", page(needs(ReadLedger), get(today::live)))
        .route("/figures", page(needs(ReadReports), post(home::compute)))
        .route("/customers", page(needs(ReadCustomers), get(customers::list::show)))
        .route("/customers/cases", page(needs(ReadCustomers), get(customers::cases::show)))
        .route("/customers/{customer}/cases", page(needs(WriteCustomers), post(customers::cases::open)))
        .route(
            "/customers/{customer}/cases/{case}",
            page(needs(WriteCustomers), post(customers::cases::answer)),
        )
        .route("/customers/requests", page(needs(EraseCustomers), get(customers::requests::show)))
        .route("/customers/requests/{request}", page(needs(EraseCustomers), post(customers::requests::close)))
        .route(
            "/customers/{customer}/requests",
            page(needs(EraseCustomers), post(customers::requests::receive)),
        )
        .route("/customers/{customer}", page(needs(ReadCustomers), get(customers::page::show)))
        .route("/customers/{customer}/profile", page(needs(WriteCustomers), post(customers::profile::change)))
        .route("/customers/{customer}/points", page(needs(AdjustPoints), post(customers::points::adjust)))
        .route("/points", page(needs(AdjustPoints), get(customers::points::waiting)))
        .route("/points", page(needs(ManageSettings), post(customers::points::set_limit)))
        .route("/points/{adjustment}", page(needs(AdjustPoints), post(customers::points::decide)))
        .route(
            "/customers/{customer}/consents",
            page(needs(WriteConsents), post(customers::agreeing::record)),
        )
        .route("/customers/{customer}/merge", page(needs(MergeCustomers), post(customers::merging::merge)))
        .route(
            "/customers/{customer}/unmerge",
            page(needs(MergeCustomers), post(customers::merging::unmerge)),
        )
        .route("/customers/{customer}/history", page(needs(ReadCustomers), get(customers::history::show)))
        .route("/customers/{customer}/data.html", page(needs(ExportCustomers), get(customers::data::as_page)))
        .route(
            "/customers/{customer}/data.json",
            page(needs(ExportCustomers), get(customers::data::as_document)),
        )
        .route(
            "/customers/{customer}/erase",
            page(needs(EraseCustomers), get(customers::data::ask).post(customers::data::erase)),
        )
        .merge(program::routes(&page))
        .merge(campaigns::routes(&page))
        .merge(analysis::routes(&page))
        .merge(imports::routes(&page))
        .merge(settings::routes(&page))
        .route("/styleguide", page(Needs::SignIn, get(styleguide::show)))
        .route("/sign-out", page(Needs::SignIn, post(door::sign_out)))
        .route("/view", post(door::choose_view))
        .route("/sign-in", door::sign_in_route(app))
        .route("/sign-in/{token}", get(door::ask_by_link).post(door::sign_in_by_link))
        .route("/join/{token}", get(door::ask_to_join).post(door::join))
        .route("/static/{file}", get(files::file))
        .layer(Extension(Arc::new(counts::Counts::default())))
        .layer(Extension(Arc::new(program::runs::Runs::default())))
}

/// Puts a guard before a page.
pub type Guarded<'a> = &'a dyn Fn(Needs, MethodRouter<App>) -> MethodRouter<App>;

/// What a route of the console takes, beside being signed in.
pub fn needs(operation: Operation) -> Needs {
    Needs::Operation(operation)
}
