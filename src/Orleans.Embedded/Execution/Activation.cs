using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>One grain in memory: its object, the requests that wait for it, and the turns in which its code runs.</summary>
/// <remarks>
/// Turns run one at a time, on whatever pool thread is free. A turn is a request's first part, or what follows one of its awaits.
/// A request that does not interleave starts only when no other such request is unfinished; what follows an await never waits.
/// </remarks>
internal sealed partial class Activation : IGrainContext, IThreadPoolWorkItem
{
    private readonly Lock _gate = new(); // guards every field below that says so; never held while grain code runs
    private readonly ActivationTaskScheduler _scheduler;
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<GrainTimer> _timers = []; // gate
    private AsyncServiceScope? _scope;
    private IGrainBase? _instance;
    private GrainReference? _reference;
    private ActivationState _state; // gate
    private DeactivationReason? _reason; // gate
    private CancellationToken _deactivationToken; // gate
    private bool _touched; // gate; a request has ended since _lastActive was taken
    private long _lastActive; // gate; the time provider's timestamp

    public Activation(Silo silo, GrainId grainId)
    {
        Silo = silo;
        GrainId = grainId;
        _scheduler = new ActivationTaskScheduler(this);
        _lastActive = silo.Time.GetTimestamp();
    }

    public Silo Silo { get; }

    public GrainId GrainId { get; }

    public GrainReference GrainReference => _reference ??= GrainClasses.Cast(Silo, GrainId, Class.Interfaces[0]);

    public object? GrainInstance => _instance;

    public IServiceProvider ActivationServices => _scope?.ServiceProvider ?? Silo.Services;

    public Task Deactivated => _deactivated.Task;

    private GrainClass Class => GrainId.Class!;

    public override string ToString() => GrainId.ToString();

    /// <summary>Queues a request. False if this activation takes no more: then another one does.</summary>
    public bool TryEnqueue(GrainRequest request)
    {
        bool full;
        var wake = false;
        lock (_gate)
        {
            if (_state == ActivationState.Invalid) return false;

            full = _waitingCount >= Silo.EnqueuedRequestsMax && !request.IsLocal;
            if (!full)
            {
                Enqueue(request);
                wake = MustWake();
            }
        }

        if (wake) Wake();
        if (full)
        {
            request.Reject(Silo, GrainId, new LimitExceededException(
                $"{Silo.EnqueuedRequestsMax} requests wait at {GrainId}; {request.Name} was rejected (MaxEnqueuedRequestsHardLimit)."));
        }

        return true;
    }

    /// <summary>Fails the calls that have waited longer than the response time-out.</summary>
    public void ExpireCalls(long now)
    {
        List<ResponseRequest>? expired = null;
        lock (_gate)
        {
            while (_unanswered.Oldest is { } call && Silo.Time.GetElapsedTime(call.SentAt, now) >= Silo.ResponseTimeout)
            {
                _unanswered.Remove(call);
                (expired ??= []).Add(call);
            }
        }

        if (expired is null) return;

        foreach (var call in expired)
        {
            call.TryFail(new TimeoutException($"{GrainId} did not answer {call.Name} within {Silo.ResponseTimeout}."));
        }
    }

    /// <summary>Deactivates the grain if no request has ended for the collection age and none is there.</summary>
    public void CollectIfIdle(long now)
    {
        lock (_gate)
        {
            if (Class.IsKeptAlive || _state != ActivationState.Valid) return;

            if (_touched || _running > 0 || _waiting.First is not null || _interleaving.First is not null)
            {
                _touched = false;
                _lastActive = now;
                return;
            }

            if (Silo.Time.GetElapsedTime(_lastActive, now) < Silo.Collection.CollectionAge) return;
        }

        // A request that arrives in between is not lost: it meets a deactivating grain and is forwarded.
        Deactivate(new(DeactivationReasonCode.ActivationIdle, $"No request for {Silo.Collection.CollectionAge}."));
    }

    public IGrainTimer RegisterTimer(GrainTimer timer, GrainTimerCreationOptions options)
    {
        bool late;
        lock (_gate)
        {
            late = _state == ActivationState.Invalid || _deactivationStarted;
            if (!late) _timers.Add(timer);
        }

        if (late)
        {
            timer.Dispose();
        }
        else
        {
            timer.Change(options.DueTime, options.Period);
        }

        return timer;
    }

    public void RemoveTimer(GrainTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }
}
