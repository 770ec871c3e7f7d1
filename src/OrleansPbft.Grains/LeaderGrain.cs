using Orleans.Placement;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains;

/// <summary>The shell of a <see cref="Core.Leader"/>: takes requests in from its own replica, drives the machine on its turns.</summary>
[KeepAlive]
[PreferLocalPlacement]
internal sealed class LeaderGrain(MachineHosts machines) : Grain, ILeaderGrain
{
    // Set when it is activated, before any call.
    private LeaderHost _machine = null!;
    private MachineHost.Claim _claim = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _machine = machines.Leader(this.GetPrimaryKeyLong());
        _claim = MachineTimer.TakeOver(this, _machine);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _machine.ReleaseAsync(_claim).WaitAsync(cancellationToken);

    public Task Order(Envelope request)
    {
        _machine.Deliver(request);
        return Task.CompletedTask;
    }

    public Task Update(LeaderTerm term)
    {
        _machine.Update(term.ToUpdate());
        return Task.CompletedTask;
    }

    public Task<LeaderStatus> GetStatus() => Task.FromResult(_machine.GetStatus());
}
