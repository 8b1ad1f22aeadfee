//! Data lent to loaders: of the process (pools, clients) and of the request (viewer, tenant).

use std::any::{Any, TypeId};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::error::{Error, Result};

/// Values by type.
#[derive(Clone, Default)]
pub struct DataMap(FxHashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl DataMap {
    /// Put a value; a former value of the same type is replaced.
    pub fn insert<T: Any + Send + Sync>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// The value of this type.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref())
    }

    /// Whether a value of this type is there.
    pub fn contains(&self, id: TypeId) -> bool {
        self.0.contains_key(&id)
    }
}

/// What a loader can reach: the data of the engine, and the data of the request, which comes first.
#[derive(Clone, Default)]
pub struct Context {
    process: Arc<DataMap>,
    /// `None` where the request brought nothing.
    request: Option<Arc<DataMap>>,
}

impl Context {
    /// A context over the data of the process and of one request.
    pub fn new(process: Arc<DataMap>, request: DataMap) -> Self {
        Context { process, request: (!request.0.is_empty()).then(|| Arc::new(request)) }
    }

    /// The value of this type: the request's own, else the engine's.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.request.as_ref().and_then(|data| data.get()).or_else(|| self.process.get())
    }

    /// As [`get`](Self::get).
    ///
    /// # Errors
    /// If there is none, an internal error that names the type.
    pub fn require<T: Any + Send + Sync>(&self) -> Result<&T> {
        self.get().ok_or_else(|| {
            let name = std::any::type_name::<T>();
            Error::internal(format!("no `{name}` in the context; give it with `.data(..)`"))
        })
    }
}

/// Takes a value of type `T` from the context: `Data(db): Data<Db>` as a parameter of a loader.
#[derive(Clone, Copy, Debug)]
pub struct Data<T>(pub T);

/// One type of data that a definition needs; the engine does not build without it.
#[derive(Clone, Copy)]
pub struct DataDef {
    /// The type's id.
    pub id: fn() -> TypeId,
    /// The type's name, for messages.
    pub name: fn() -> &'static str,
}

impl DataDef {
    /// The need for a `T`.
    pub const fn of<T: Any + Send + Sync>() -> Self {
        DataDef { id: TypeId::of::<T>, name: std::any::type_name::<T> }
    }
}

impl std::fmt::Debug for DataDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str((self.name)())
    }
}
