using Orleans.Placement;
using OrleansPbft.Faults;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains;

/// <summary>The shell of a <see cref="Core.Replica"/>: takes envelopes in, drives the machine on its turns, decides nothing.</summary>
[KeepAlive]
[PreferLocalPlacement]
internal sealed class ReplicaGrain(MachineHosts machines) : Grain, IReplicaGrain
{
    // Set when it is activated, before any call.
    private ReplicaHost _machine = null!;
    private MachineHost.Claim _claim = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _machine = machines.Replica(this.GetPrimaryKeyLong());
        _claim = MachineTimer.TakeOver(this, _machine);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _machine.ReleaseAsync(_claim).WaitAsync(cancellationToken);

    public Task Deliver(Envelope envelope)
    {
        _machine.Deliver(envelope);
        return Task.CompletedTask;
    }

    public Task<ReplicaStatus> GetStatus() => Task.FromResult(_machine.GetStatus());

    public Task<FaultStatus> GetFault() => Task.FromResult(_machine.GetFault());

    public Task<FaultStatus> SetFault(string? mode)
    {
        if (mode is null) return Task.FromResult(_machine.SetFault(null));
        return Fault.TryParse(mode, out var fault, out var problem)
            ? Task.FromResult(_machine.SetFault(fault))
            : throw new ArgumentException(problem);
    }
}
