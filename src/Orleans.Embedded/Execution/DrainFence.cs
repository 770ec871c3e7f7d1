using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>Queued behind everything an activation has been asked so far; passed when its turn comes, or the activation is gone.</summary>
internal sealed class DrainFence : GrainRequest
{
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Passed => _passed.Task;

    public override string Name => "drain";

    public override bool IsLocal => true;

    public override bool KeepsAlive => false;

    public override Task Begin(object grain) => Task.CompletedTask;

    public override void Complete(Activation activation, Task task) => _passed.TrySetResult();

    public override void Fail(Activation activation, Exception exception) => _passed.TrySetResult();

    public override void Reject(Silo silo, GrainId target, Exception reason) => _passed.TrySetResult();
}
