namespace Orleans.Execution;

/// <summary>A call of a method that returns a <see cref="Task{TResult}"/> or a <see cref="ValueTask{TResult}"/>.</summary>
internal abstract class TaskRequest<TResult> : ResponseRequest
{
    // The caller must go on in its own turn or on the pool, never inside the turn that answers it.
    private readonly TaskCompletionSource<TResult> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Response => _response.Task;

    public sealed override bool IsAbandoned => _response.Task.IsCompleted;

    public sealed override void Complete(Activation activation, Task task)
    {
        _ = task.Exception; // observed, even where the caller has given up and nobody takes it
        _response.TrySetFromTask((Task<TResult>)task);
    }

    public sealed override bool TryFail(Exception exception) => _response.TrySetException(exception);
}
