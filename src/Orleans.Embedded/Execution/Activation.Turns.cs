using System.Diagnostics;

namespace Orleans.Execution;

/// <content>The turn loop.</content>
internal sealed partial class Activation
{
    // An activation with much to do lets others on its thread after so many turns.
    private const int TurnsPerQuantum = 32;

    private static readonly Action<object?> RunQuantum = static activation => ((Activation)activation!).RunTurns();

    private readonly Queue<Task> _continuations = new(); // gate
    private RequestQueue _waiting; // gate
    private RequestQueue _interleaving; // gate
    private UnansweredCalls _unanswered; // gate
    private long _arrivals; // gate
    private int _waitingCount; // gate; without local requests
    private int _running; // gate
    private GrainRequest? _blocking; // gate; the unfinished request that does not interleave
    private bool _scheduled; // gate; queued to the pool, or running there
    private bool _requestNext; // gate; requests and continuations take turns, so that neither starves

    private enum Turn
    {
        None,
        Yield,
        Continuation,
        Request,
        Activate,
        Deactivate,
    }

    /// <summary>Runs the turns that are due, as one task of the activation's scheduler: so it is current in all of them.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        TurnContext.Current = this;
        try
        {
            var quantum = new Task(RunQuantum, this, TaskCreationOptions.DenyChildAttach);
            quantum.RunSynchronously(_scheduler);
            quantum.GetAwaiter().GetResult(); // the loop itself never fails; if it did, better loudly than a grain that hangs
        }
        finally
        {
            TurnContext.Current = null;
        }
    }

    public void EnqueueContinuation(Task task)
    {
        bool wake;
        lock (_gate)
        {
            _continuations.Enqueue(task);
            wake = MustWake();
        }

        if (wake) Wake();
    }

    public Task[] SnapshotContinuations()
    {
        lock (_gate)
        {
            return [.. _continuations];
        }
    }

    private void RunTurns()
    {
        var clean = ExecutionContext.Capture();
        GrainRequest? finished = null;
        for (var turns = 0; ; turns++)
        {
            var turn = NextTurn(turns, finished, out var continuation, out var request);
            finished = null;
            switch (turn)
            {
                case Turn.None:
                    return; // from here on another thread may be running turns

                case Turn.Yield:
                    Wake();
                    return;

                case Turn.Continuation:
                    _scheduler.Run(continuation!);
                    break;

                case Turn.Request:
                    if (Invoke(request!)) finished = request;
                    break;

                case Turn.Activate:
                    _ = ActivateAsync(); // catches all there is to catch
                    break;

                case Turn.Deactivate:
                    _ = DeactivateAsync(); // catches all there is to catch
                    break;

                default:
                    throw new UnreachableException($"No turn is {turn}.");
            }

            // What a grain method that is not async put into async-locals must not reach the next turn.
            if (clean is not null && !ReferenceEquals(ExecutionContext.Capture(), clean)) ExecutionContext.Restore(clean);
        }
    }

    private Turn NextTurn(int turns, GrainRequest? finished, out Task? continuation, out GrainRequest? request)
    {
        continuation = null;
        request = null;
        lock (_gate)
        {
            if (finished is not null) Release(finished);

            if (turns >= TurnsPerQuantum && HasWork()) return Turn.Yield;

            var requestFirst = _requestNext;
            _requestNext = !_requestNext;
            if (!requestFirst && _continuations.TryDequeue(out continuation)) return Turn.Continuation;

            switch (_state)
            {
                case ActivationState.Creating:
                    _state = ActivationState.Activating;
                    return Turn.Activate;

                case ActivationState.Valid when (request = TakeRunnable()) is not null:
                    return Turn.Request;

                case ActivationState.Deactivating when _running == 0 && !_deactivationStarted:
                    _deactivationStarted = true;
                    return Turn.Deactivate;
            }

            if (_continuations.TryDequeue(out continuation)) return Turn.Continuation;

            _scheduled = false;
            if (_touched)
            {
                _touched = false;
                _lastActive = Silo.Time.GetTimestamp();
            }

            return Turn.None;
        }
    }

    /// <summary>Starts a request. True if it has already ended.</summary>
    private bool Invoke(GrainRequest request)
    {
        if (request.IsAbandoned) return true;

        if (request.Activity is { } activity) Activity.Current = activity;

        Task task;
        try
        {
            task = request.Begin(_instance!);
        }
        catch (Exception exception)
        {
            request.Fail(this, exception);
            return true;
        }

        if (task is null)
        {
            request.Fail(this, new InvalidOperationException($"{request.Name} of {GrainId} returned null instead of a task."));
            return true;
        }

        if (!task.IsCompleted)
        {
            // Goes on in a turn of this activation: its scheduler is current.
            task.GetAwaiter().UnsafeOnCompleted(new PendingRequest(this, request, task).OnCompleted);
            return false;
        }

        request.Complete(this, task);
        return true;
    }

    private void Enqueue(GrainRequest request)
    {
        if (!request.IsLocal) _waitingCount++;
        if (request is ResponseRequest call)
        {
            if (call.SentAt == 0) call.SentAt = Silo.Time.GetTimestamp(); // a forwarded call keeps its age
            _unanswered.Add(call);
        }

        request.Arrival = _arrivals++;
        if (request.Interleaves || Class.IsReentrant)
        {
            _interleaving.Enqueue(request);
        }
        else
        {
            _waiting.Enqueue(request);
        }
    }

    private GrainRequest? TakeRunnable()
    {
        var next = _blocking is null ? _waiting.First : null;
        var interleaving = _interleaving.First;
        if (next is not null && (interleaving is null || next.Arrival < interleaving.Arrival))
        {
            _blocking = _waiting.Dequeue();
        }
        else
        {
            next = _interleaving.Dequeue();
        }

        if (next is null) return null;

        if (!next.IsLocal) _waitingCount--;
        _running++;
        return next;
    }

    private void Release(GrainRequest request)
    {
        if (request is ResponseRequest call) _unanswered.Remove(call);

        _running--;
        if (ReferenceEquals(_blocking, request)) _blocking = null;
        if (request.KeepsAlive) _touched = true;
    }

    private bool MustWake()
    {
        if (_scheduled || !HasWork()) return false;
        _scheduled = true;
        return true;
    }

    private bool HasWork() => _continuations.Count > 0 || _state switch
    {
        ActivationState.Creating => true,
        ActivationState.Valid => _interleaving.First is not null || (_blocking is null && _waiting.First is not null),
        ActivationState.Deactivating => _running == 0 && !_deactivationStarted,
        _ => false,
    };

    // Behind all that waits for a thread: activations that keep waking each other from a thread's own queue, last in first out,
    // would hold that thread and starve the rest of the process. It also lets more requests gather for each wake.
    private void Wake() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>A request that has begun and not ended.</summary>
    private sealed class PendingRequest(Activation activation, GrainRequest request, Task task)
    {
        public void OnCompleted()
        {
            request.Complete(activation, task);
            bool wake;
            lock (activation._gate)
            {
                activation.Release(request);
                wake = activation.MustWake();
            }

            if (wake) activation.Wake();
        }
    }
}
