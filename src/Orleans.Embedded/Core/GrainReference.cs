using System.Diagnostics;
using Orleans.Execution;

namespace Orleans.Runtime;

/// <summary>A way to call one grain, whether or not it is active. Base of the proxies emitted for grain interfaces.</summary>
public abstract class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private readonly Silo _silo;
    private Activation? _activation;

    internal GrainReference(Silo silo, GrainId grainId)
    {
        _silo = silo;
        GrainId = grainId;
    }

    /// <summary>The grain's identity.</summary>
    public GrainId GrainId { get; }

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && GrainId == other.GrainId;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => GrainId.ToString();

    internal GrainReference Cast(Type interfaceType) => GrainClasses.Cast(_silo, GrainId, interfaceType);

    // The three below are called by emitted code.
    internal Task Send(OneWayRequest request)
    {
        Dispatch(request);
        return Task.CompletedTask;
    }

    internal Task Send(TaskRequest request)
    {
        Dispatch(request);
        return request.Response;
    }

    internal Task<TResult> Send<TResult>(TaskRequest<TResult> request)
    {
        Dispatch(request);
        return request.Response;
    }

    private void Dispatch(GrainRequest request)
    {
        if (_silo.PropagatesActivity) request.Activity = Activity.Current;

        var activation = _activation;
        while (activation is null || !activation.TryEnqueue(request))
        {
            activation = _silo.TryGetOrActivate(GrainId);
            if (activation is null)
            {
                request.Reject(_silo, GrainId, new SiloUnavailableException($"The silo is not running; {request.Name} was not delivered to {GrainId}."));
                return;
            }

            _activation = activation;
        }
    }
}
