using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Numerics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>The activations of this process, and when they go.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "The timers live from Start to StopAsync, which disposes them.")]
internal sealed class Silo
{
    // How long stopping waits for what is queued before it deactivates regardless.
    private static readonly TimeSpan DrainTimeMax = TimeSpan.FromSeconds(10);

    // The longest a call may be overdue before that is noticed.
    private static readonly TimeSpan ExpiryPeriodMax = TimeSpan.FromSeconds(1);

    private static readonly Meter Meter = new("Orleans.Embedded");
    private static readonly Counter<long> DroppedCalls = Meter.CreateCounter<long>(
        "orleans.embedded.oneway.dropped", unit: "{call}", description: "One-way calls that no grain ever saw.");

    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly Lock _creation = new(); // guards _status against activations made as it changes
    private readonly int _forwardsMax;
    private volatile SiloStatus _status;
    private long _dropped;
    private ITimer? _collector;
    private ITimer? _expirer;

    public Silo(
        IServiceProvider services,
        TimeProvider time,
        IOptions<GrainCollectionOptions> collection,
        IOptions<SiloMessagingOptions> messaging,
        ILogger<Silo> logger)
    {
        Services = services;
        Time = time;
        Logger = logger;
        Collection = collection.Value;
        var limit = messaging.Value.MaxEnqueuedRequestsHardLimit;
        EnqueuedRequestsMax = limit == 0 ? int.MaxValue : limit;
        ResponseTimeout = messaging.Value.ResponseTimeout;
        PropagatesActivity = services.GetService<ActivityPropagation>() is not null;
        _forwardsMax = messaging.Value.MaxForwardCount;
        Classes = GrainClasses.Discover();
    }

    private enum SiloStatus
    {
        Created,
        Running,
        Stopping,
    }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public GrainClasses Classes { get; }

    public GrainCollectionOptions Collection { get; }

    public TimeSpan ResponseTimeout { get; }

    public int EnqueuedRequestsMax { get; }

    public bool PropagatesActivity { get; }

    /// <summary>One-way calls that no grain ever saw.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public int ActivationCount => _activations.Count;

    public void Start()
    {
        lock (_creation)
        {
            if (_status != SiloStatus.Created) throw new InvalidOperationException("A silo starts once.");
            _status = SiloStatus.Running;
        }

        var expiryPeriod = ResponseTimeout / 4;
        if (expiryPeriod > ExpiryPeriodMax) expiryPeriod = ExpiryPeriodMax;
        using (ExecutionContext.IsFlowSuppressed() ? default(IDisposable?) : ExecutionContext.SuppressFlow())
        {
            _collector = Time.CreateTimer(
                static silo => ((Silo)silo!).CollectIdle(), this, Collection.CollectionQuantum, Collection.CollectionQuantum);
            _expirer = Time.CreateTimer(static silo => ((Silo)silo!).ExpireCalls(), this, expiryPeriod, expiryPeriod);
        }
    }

    /// <summary>Lets every activation do what it has been asked so far, then deactivates all.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_status != SiloStatus.Running) return;

        await DrainAsync(cancellationToken);
        lock (_creation)
        {
            _status = SiloStatus.Stopping;
        }

        while (!_activations.IsEmpty)
        {
            var activations = _activations.Values.ToArray();
            foreach (var activation in activations)
            {
                activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo is stopping."), cancellationToken);
            }

            try
            {
                await Task.WhenAll(activations.Select(static a => a.Deactivated)).WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Logger.StopIncomplete(_activations.Count);
                break;
            }
        }

        if (_collector is not null) await _collector.DisposeAsync();
        if (_expirer is not null) await _expirer.DisposeAsync();
    }

    /// <summary>The activation of a grain, made if there is none; null if the silo does not run.</summary>
    public Activation? TryGetOrActivate(GrainId grainId)
    {
        if (_status == SiloStatus.Created) return null;
        if (_activations.TryGetValue(grainId, out var activation)) return activation;

        lock (_creation)
        {
            if (_status != SiloStatus.Running) return null;
            return _activations.GetOrAdd(grainId, static (id, silo) => new Activation(silo, id), this);
        }
    }

    /// <summary>Removes an activation that is gone, with a successor if anything waits. False if the silo is stopping.</summary>
    public bool TryReplace(
        Activation activation, List<GrainRequest> backlog, List<(GrainRequest Request, Exception Reason)> rejected)
    {
        Activation? successor = null;
        lock (_creation)
        {
            if (_status != SiloStatus.Running)
            {
                Remove(activation);
                return false;
            }

            foreach (var request in backlog)
            {
                if (request.IsAbandoned) continue;

                if (request.IsLocal || ++request.Forwards > _forwardsMax)
                {
                    rejected.Add((request, new OrleansMessageRejectionException(
                        $"{request.Name} was rejected: {activation.GrainId} was deactivated {request.Forwards} times before it could run.")));
                    continue;
                }

                successor ??= new Activation(this, activation.GrainId);
                successor.TryEnqueue(request);
            }

            if (successor is null)
            {
                Remove(activation);
            }
            else
            {
                _activations.TryUpdate(activation.GrainId, successor, activation);
            }

            return true;
        }
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    /// <summary>Counts a one-way call that is lost, and logs the first, second, fourth, eighth ...: a flood must not flood the log.</summary>
    public void OnOneWayDropped(GrainRequest request, GrainId target, Exception reason)
    {
        DroppedCalls.Add(1, new KeyValuePair<string, object?>("grain", target.Class?.Name));
        var dropped = Interlocked.Increment(ref _dropped);
        if (BitOperations.IsPow2(dropped)) Logger.OneWayCallDropped(request.Name, target, reason.Message, dropped);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        List<Task> passed = [];
        foreach (var activation in _activations.Values)
        {
            var fence = new DrainFence();
            if (activation.TryEnqueue(fence)) passed.Add(fence.Passed);
        }

        try
        {
            await Task.WhenAll(passed).WaitAsync(DrainTimeMax, Time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Logger.DrainIncomplete(DrainTimeMax);
        }
    }

    private void CollectIdle()
    {
        var now = Time.GetTimestamp();
        foreach (var (_, activation) in _activations) activation.CollectIfIdle(now);
    }

    private void ExpireCalls()
    {
        var now = Time.GetTimestamp();
        foreach (var (_, activation) in _activations) activation.ExpireCalls(now);
    }
}
