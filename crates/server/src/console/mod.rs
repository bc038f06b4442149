//! The console: pages for people who work in the shop. They are made here, work without script, and ask nothing of any
//! other place.
//!
//! - [`frame`] is what every page has around it, [`page`] what a page is: a context with a `sample()`;
//! - [`reader`] is who reads, in which language and light; [`guard`] lets them in and checks what they send;
//! - [`door`] signs in and out; [`problem`] is every "no" as a page; [`files`] are style, script and mark;
//! - each further file is a page, laid out like the URLs; [`samples`] lists all of them for the test that looks.
//!
//! A page takes what it shows from the engine by the functions the API uses; it decides nothing.

pub mod analysis;
pub mod attention;
pub mod campaigns;
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

use crate::app::App;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use engine::staff::permissions::Operation::{self, *};
use guard::{Door, Needs};

/// All pages.
pub fn router(app: &App) -> Router<App> {
    let page = |needs: Needs, route: MethodRouter<App>| {
        route.route_layer(from_fn_with_state(Door { app: app.clone(), needs }, guard::guard))
    };
    Router::new()
        .route("/", page(Needs::SignIn, get(home::show)))
        .route("/figures", page(needs(ReadReports), post(home::compute)))
        .route("/customers", page(needs(ReadCustomers), get(customers::list::show)))
        .route("/customers/{customer}", page(needs(ReadCustomers), get(customers::page::show)))
        .route("/customers/{customer}/profile", page(needs(WriteCustomers), post(customers::profile::change)))
        .route("/customers/{customer}/points", page(needs(AdjustPoints), post(customers::points::adjust)))
        .route("/points", page(needs(AdjustPoints), get(customers::points::waiting)))
        .route("/points", page(needs(ManageSettings), post(customers::points::set_limit)))
        .route("/points/{adjustment}", page(needs(AdjustPoints), post(customers::points::decide)))
        .route("/customers/{customer}/merge", page(needs(MergeCustomers), post(customers::merging::merge)))
        .route(
            "/customers/{customer}/unmerge",
            page(needs(MergeCustomers), post(customers::merging::unmerge)),
        )
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
        .route("/settings", page(needs(ReadPrograms), get(settings::shop::show)))
        .route("/settings/staff", page(needs(ReadStaff), get(settings::staff::show)))
        .route("/settings/staff", page(needs(ManageStaff), post(settings::staff::invite)))
        .route("/settings/staff/{staff}", page(needs(ManageStaff), post(settings::staff::change)))
        .route(
            "/settings/keys",
            page(needs(ManageKeys), get(settings::keys::show).post(settings::keys::create)),
        )
        .route("/settings/keys/{key}/revoke", page(needs(ManageKeys), post(settings::keys::revoke)))
        .route("/settings/audit", page(needs(ReadAudit), get(settings::audit::show)))
        .route("/settings/health", page(needs(ReadJobs), get(settings::health::show)))
        .route("/settings/health/{job}/replay", page(needs(ReplayJobs), post(settings::health::replay)))
        .route("/styleguide", page(Needs::SignIn, get(styleguide::show)))
        .route("/sign-out", page(Needs::SignIn, post(door::sign_out)))
        .route("/view", post(door::choose_view))
        .route("/sign-in", get(door::ask).post(door::sign_in))
        .route("/sign-in/{token}", get(door::ask_by_link).post(door::sign_in_by_link))
        .route("/join/{token}", get(door::ask_to_join).post(door::join))
        .route("/static/{file}", get(files::file))
}

/// Puts a guard before a page.
pub type Guarded<'a> = &'a dyn Fn(Needs, MethodRouter<App>) -> MethodRouter<App>;

/// What a route of the console takes, beside being signed in.
pub fn needs(operation: Operation) -> Needs {
    Needs::Operation(operation)
}
