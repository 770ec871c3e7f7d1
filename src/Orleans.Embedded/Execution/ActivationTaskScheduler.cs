namespace Orleans.Execution;

/// <summary>Current while a grain's code runs, so that what it awaits continues on a turn of the same activation.</summary>
internal sealed class ActivationTaskScheduler(Activation activation) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs a task that was queued here; only ever called from the activation's one running turn loop.</summary>
    public void Run(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => activation.EnqueueContinuation(task);

    // A queued task must keep its place; any other may run inside the turn that completes what it waited for.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(TurnContext.Current, activation) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => activation.SnapshotContinuations();
}
