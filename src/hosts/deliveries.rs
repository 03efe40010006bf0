//! Accepted deliveries. Each runs in a task of its own, so that a caller who hangs up cancels nothing: a drop between
//! the write and the report would lose the result of a change that cannot be undone.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The deliveries under way in this process, and whether it should go on.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    tracker: TaskTracker,
    retire: CancellationToken,
}

impl Deliveries {
    /// Runs one delivery to its end, whoever still listens. The work says what it came to, and whether this process should
    /// be replaced. Nothing is returned where the task itself failed, which is a defect of ours.
    pub fn run<T, W>(&self, work: W) -> impl Future<Output = Option<T>> + Send + use<T, W>
    where
        T: Send + 'static,
        W: Future<Output = (T, bool)> + Send + 'static,
    {
        let retire = self.retire.clone();
        // A task is moved a few times until it runs, and work is large.
        let work = Box::pin(work);
        let task = self.tracker.spawn(async move {
            let (answer, needs_a_new_process) = work.await;
            if needs_a_new_process {
                tracing::warn!("this process cannot go on as it is: it finishes its work and exits, to be replaced");
                retire.cancel();
            }
            answer
        });
        async { task.await.inspect_err(|error| tracing::error!("a delivery ended without an answer: {error}")).ok() }
    }

    /// Whether a delivery has found that the process should take no more of them.
    pub fn is_retired(&self) -> bool {
        self.retire.is_cancelled()
    }

    /// Resolves when a delivery has found that the process should take no more of them.
    pub async fn retired(&self) {
        self.retire.cancelled().await;
    }

    /// Waits for every accepted delivery to end.
    pub async fn drain(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}
