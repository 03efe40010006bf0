//! The stand-in cloud: enough of RDS, KMS, STS and the ECS metadata, of Function Compute's queue, of EventBridge and of
//! the places reports go to, to try the whole product on one machine.
//!
//! # What it promises
//!
//! * Real HTTP and real state. An instance lives: it is created, becomes ready, is sealed once and for all, and its
//!   backups show it from then on.
//! * Official SDKs can talk to it without knowing. It takes the service and the region from the `Host` header, so a
//!   client keeps the real name there and only connects elsewhere. A loopback `Host` means any service and any region.
//! * It checks `ACS3-HMAC-SHA256` (V3) and `HMAC-SHA1` (V1) signatures, dates and nonces with code of its own and
//!   imports nothing else of this package: shared code would share its mistakes.
//! * Everybody acts in an account and sees nothing of the others. Roles that trust an account give it sessions: by
//!   `AssumeRole`, for a token of an identity provider, from the metadata of an ECS instance. A session signs only with
//!   its own token, ends by the stand-in's clock, and may do what its policy and its role leave it.
//! * An asynchronous `InvokeFunction` is delivered as the platform would, with its delay, its retries and its dead letters.
//!   Time is the stand-in's own and can be advanced (`POST /_emulator/clock/advance`): a day's wait takes no time.
//! * It speaks for five chats: says what somebody in one would, and takes the answers (`POST /_emulator/chats/…`).
//! * Refusals have the vendor's shape; codes, messages and statuses come from the vendor's own tables.
//! * It shows all that in a browser, at `/_console/`, as it happens.
//! * It can be told to fail (`POST /_emulator/faults`), and it remembers what it was asked (`GET /_emulator/calls`).
//!
//! # What it refuses
//!
//! * Any key but those of its accounts and sessions. There is always the account [`ACCOUNT`] with the pair
//!   [`ACCESS_KEY_ID`] and [`ACCESS_KEY_SECRET`]. With that pair come any or no security token; its id may carry the
//!   prefix `STS.`. A security token that is exactly `expired` is answered `InvalidSecurityToken.Expired`, and so is an
//!   OIDC token in its own way: these are conventions of the stand-in.
//! * What a policy says by `Condition`, `NotAction` or `NotResource`: the first is not looked at, the others are no
//!   grammar here. Signatures of OIDC tokens are not checked: the one token a role lists is genuine.
//! * Control requests from other machines or of web pages from elsewhere, request bodies over 1 MiB, answers in XML.
//! * Instances nobody listed. Ids that begin with `rm-demo` are the exception: in [`ACCOUNT`] they appear at first sight.
//!
//! # Marks
//!
//! Facts about the vendor carry their source: *documented* (a page of the vendor says it), *read in code* (an official
//! SDK does it), *inferred* (our reading; nobody states it).

mod answer;
mod arrival;
mod backup;
mod calls;
mod changes;
mod chats;
mod clock;
mod cloud;
mod codes;
mod console;
mod control;
mod encoding;
mod endpoint;
mod exchange;
mod faults;
mod functions;
mod gateway;
mod hosts;
mod identities;
mod instance;
mod instances;
mod keys;
mod line;
mod listing;
mod local;
mod metadata;
mod moment;
mod nonces;
mod operations;
mod product;
mod refusal;
mod secrets;
mod settings;
mod signature;
mod sinks;
mod state_file;
mod world;

use std::{
    io,
    net::SocketAddr,
    path::Path,
    pin::pin,
    sync::{Arc, Mutex, atomic::AtomicI64},
};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, State},
    http::header,
    middleware::map_response_with_state,
    response::Response,
    routing::any,
};
use futures_util::future::{Either, select};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use changes::{Changes, Held};
use functions::{Function, Post};
use instances::Instances;
use line::{Lines, Peer};
use world::World;

pub use chats::ChatAccess;
pub use state_file::StateError;

/// The id of the key pair that is always there. `STS.` before it is accepted too.
pub const ACCESS_KEY_ID: &str = "testAccessKeyId";
/// The secret of that key pair.
pub const ACCESS_KEY_SECRET: &str = "testAccessKeySecret";
/// The account the key pair belongs to.
pub const ACCOUNT: &str = "1234567890123456";

/// The largest request body that is read.
const BODY_LIMIT: usize = 1024 * 1024;

/// One stand-in cloud. Clones share their state.
#[derive(Clone, Default)]
pub struct Emulator {
    world: Arc<Mutex<World>>,
    changes: Arc<Changes>,
    post: Arc<Post>,
}

impl Emulator {
    /// A cloud without instances that forgets everything with the process.
    pub fn new() -> Self {
        Self::default()
    }

    /// A cloud that keeps its instances in a file across restarts.
    ///
    /// The file is read if it exists, else created, and replaced as a whole after each change. Its content is what
    /// `GET /_emulator/instances` answers. Errors name the file, and the line where there is one.
    pub fn with_state(path: &Path) -> Result<Self, StateError> {
        let world = World { instances: Instances::kept_in(path)?, ..World::default() };
        Ok(Self { world: Arc::new(Mutex::new(world)), ..Self::default() })
    }

    /// Has the queue deliver to this function, whose HTTP server listens at the URL. All else is as usual: region
    /// `cn-hangzhou`, account [`ACCOUNT`]. A function listed under that name there is replaced.
    pub fn deliver_to(&self, name: &str, url: String) {
        self.world().functions.put(Function::at(name, url));
    }

    /// By how many seconds its clock is ahead of the machine's, whenever somebody looks: for a function that is to go by it.
    pub fn seconds_ahead(&self) -> Arc<AtomicI64> {
        self.world().clock.seconds_ahead()
    }

    /// Serves until the future is dropped or the process ends. Connections and deliveries that are open by then end by
    /// themselves, and the console's streams at once.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let ended = CancellationToken::new();
        let router = self.clone().router().layer(Extension(ended.clone()));
        let router = router.into_make_service_with_connect_info::<Peer>();
        let _ends = ended.drop_guard();
        let server = pin!(axum::serve(Lines(listener), router).into_future());
        match select(server, pin!(self.deliver_when_due())).await {
            Either::Left((ended, _)) => ended,
            Either::Right((never, _)) => match never {},
        }
    }

    /// Binds (port 0 is any free port), serves in the background and returns the address.
    #[expect(clippy::disallowed_methods, reason = "the stand-in is a server of its own, not part of the function")]
    pub async fn start(self, addr: SocketAddr) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(addr).await?;
        let address = listener.local_addr()?;
        tokio::spawn(self.serve(listener));
        Ok(address)
    }

    fn router(self) -> Router {
        Router::new()
            .route("/", any(cloud::handle))
            .merge(metadata::routes())
            .fallback(cloud::handle)
            .nest(
                "/_emulator",
                control::routes().merge(sinks::routes()).merge(hosts::routes()).fallback(control::unknown),
            )
            .merge(console::routes())
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(map_response_with_state(self.clone(), dated))
            .with_state(self)
    }

    /// Everything the stand-in knows. The guard must not be held over an await.
    fn world(&self) -> Held<'_> {
        Held::new(self.world.lock().expect("nothing panics while it holds the lock"), &self.changes)
    }
}

/// Puts the stand-in's own time on every answer, so that a client can see how far off a clock is.
async fn dated(State(emulator): State<Emulator>, mut response: Response) -> Response {
    let date = emulator.world().clock.http_date();
    response.headers_mut().insert(header::DATE, date);
    response
}
