using System.Buffers;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>A service that tells what it applies, and whose state can be made to rot.</summary>
internal sealed class ObservedService(IStateMachine service, ObservedService.Applied applied) : IStateMachine
{
    private bool _isRotten;

    public delegate void Applied(in OperationContext context, ReadOnlySpan<byte> operation);

    public string Name => service.Name;

    public StateTree State
    {
        get
        {
            if (!_isRotten) return service.State;
            var rotten = service.State.Fork();
            rotten.Set("rotten"u8, "rotten"u8);
            return rotten;
        }
    }

    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        applied(context, operation);
        service.Apply(operation, context, result);
    }

    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result) => service.Query(operation, result);

    public bool Restore(StateTree state)
    {
        if (!service.Restore(state)) return false;
        _isRotten = false;
        return true;
    }

    public void Rehash() => service.Rehash();

    /// <summary>From here on the state is not what the operations make of it, until a state is restored.</summary>
    public void Rot() => _isRotten = true;
}
