//! Accepted deliveries. Each runs in a task of its own, so that a caller who hangs up cancels nothing: a drop between
//! the write and the report would lose the result of a change that cannot be undone.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::Answer;

/// The deliveries under way in this process, and whether it should go on.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    tracker: TaskTracker,
    retire: CancellationToken,
}

impl Deliveries {
    /// Runs one delivery to its end, whoever still listens. `finished` is called in the task, after the last report.
    /// Nothing is returned where the task itself failed, which is a defect of ours.
    pub async fn run(
        &self,
        work: impl Future<Output = Answer> + Send + 'static,
        finished: impl FnOnce(&Answer) + Send + 'static,
    ) -> Option<Answer> {
        let retire = self.retire.clone();
        let task = self.tracker.spawn(async move {
            let answer = work.await;
            finished(&answer);
            if answer.needs_a_new_process {
                tracing::warn!("the credentials of this process have expired: it finishes its work and exits");
                retire.cancel();
            }
            answer
        });
        task.await.inspect_err(|error| tracing::error!("a delivery ended without an answer: {error}")).ok()
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
