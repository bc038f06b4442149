//! Lakes on an object store: S3 and what speaks like it, Google Cloud Storage, Azure.
//!
//! The Delta crate itself knows folders only; what its extensions for the clouds add is a copy of the credentials'
//! names. Here a store is made from the URL and the environment as the object store crate reads them
//! (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_ACCOUNT_NAME`, …). A commit
//! is a put that fails if the file is there, which all three offer: two writers cannot take the same version.

use deltalake::logstore::object_store::parse_url_opts;
use deltalake::logstore::{
    LogStore, LogStoreFactory, ObjectStoreFactory, ObjectStoreRef, StorageConfig, default_logstore,
    logstore_factories, object_store_factories,
};
use deltalake::{DeltaResult, Path};
use std::sync::{Arc, Once};
use url::Url;

/// Schemes a lake's URL may have, besides `file`.
pub(super) const SCHEMES: [&str; 8] = ["s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss"];
/// Names of variables that say where a store is and who we are.
const VARIABLES: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];

/// Makes these schemes known to the Delta crate, once.
pub(super) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for scheme in SCHEMES {
            let url = Url::parse(&format!("{scheme}://")).expect("a scheme makes a URL");
            object_store_factories().insert(url.clone(), Arc::new(Remote));
            logstore_factories().insert(url, Arc::new(Remote));
        }
    });
}

struct Remote;

impl ObjectStoreFactory for Remote {
    fn parse_url_opts(&self, url: &Url, config: &StorageConfig) -> DeltaResult<(ObjectStoreRef, Path)> {
        let given = config.raw.iter().map(|(name, value)| (name.clone(), value.clone()));
        let known =
            std::env::vars().filter(|(name, _)| VARIABLES.iter().any(|start| name.starts_with(start)));
        let (store, path) = parse_url_opts(url, known.chain(given))?;
        Ok((Arc::new(store), path))
    }
}

impl LogStoreFactory for Remote {
    fn with_options(
        &self,
        prefixed_store: ObjectStoreRef,
        root_store: ObjectStoreRef,
        location: &Url,
        options: &StorageConfig,
    ) -> DeltaResult<Arc<dyn LogStore>> {
        Ok(default_logstore(prefixed_store, root_store, location, options))
    }
}
