using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Network;
using OrleansPbft.Grains.Recording;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Journal;

namespace OrleansPbft.Grains.Machines;

/// <summary>The machines of all replicas of this process, each once (rule D-4).</summary>
internal sealed class MachineHosts : IDisposable
{
    private readonly List<SessionKeys> _sessions = [];
    private readonly ImmutableArray<ReplicaHost> _replicas; // of this process, in the order of their ids
    private readonly ImmutableArray<LeaderHost> _leaders;
    private readonly ImmutableArray<ReplicaId> _hosted;

    public MachineHosts(
        PbftCluster cluster,
        IOptions<PbftOptions> options,
        IEnumerable<StateMachineRegistration> services,
        IServiceProvider provider,
        TimeProvider time,
        ReplicaJournals journals,
        IPeers peers,
        IGrainFactory grains,
        PbftInstruments instruments,
        ProtocolHistory history,
        ILoggerFactory logs)
    {
        // The last registration of a name wins, as with services.
        var service = services.Last(service => service.Name == options.Value.Service);
        var clock = new HostClock(time);
        var sessionOptions = new SessionKeyOptions { Lifetime = options.Value.SessionKeyLifetime };
        var mayFail = options.Value.FaultInjection.Enabled;
        var replicas = ImmutableArray.CreateBuilder<ReplicaHost>(cluster.Hosted.Length);
        var leaders = ImmutableArray.CreateBuilder<LeaderHost>(cluster.Hosted.Length);
        var opening = clock.Now;
        journals.Open(cluster);
        foreach (var id in cluster.Hosted)
        {
            var voice = new ReplicaVoice(cluster.SealerOf(id), cluster.CreateSessions(id, sessionOptions, time));
            if (voice.Sessions is { } sessions) _sessions.Add(sessions);
            var faults = mayFail ? new FaultSwitch(id, cluster.Options, cluster.SealsOf(id), peers, time) : null;
            var state = new ReplicatedState(cluster.Options, cluster.Id, service.Create(provider));
            var machine = new Replica(id, cluster.Options, state);
            var journal = journals.Recover(id, machine);
            replicas.Add(new(
                machine, voice, cluster.CreateOpener(id, voice.Sessions), cluster.Options, clock, journal, peers, grains, instruments,
                faults, history.RecorderOf(id), logs.CreateLogger<ReplicaHost>()));
            if (journal != NullJournal.Instance) replicas[^1].Telemetry.OnRecovered(opening, clock.Now);
            leaders.Add(new(
                new(id, cluster.Options), voice, cluster.Opener, cluster.Options, clock, journal, peers, instruments,
                faults, history.RecorderOf(id), logs.CreateLogger<LeaderHost>()));
        }

        _hosted = cluster.Hosted;
        _replicas = replicas.MoveToImmutable();
        _leaders = leaders.MoveToImmutable();
        instruments.Observe(() => _replicas, () => _leaders);
    }

    /// <summary>The machine of replica <paramref name="id"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">This process has no such replica.</exception>
    public ReplicaHost Replica(long id) => _replicas[IndexOf(id)];

    /// <summary>The machine of the leader of replica <paramref name="id"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">This process has no such replica.</exception>
    public LeaderHost Leader(long id) => _leaders[IndexOf(id)];

    /// <summary>Forgets all session keys.</summary>
    public void Dispose()
    {
        foreach (var sessions in _sessions) sessions.Dispose();
    }

    private int IndexOf(long id)
    {
        for (var i = 0; i < _hosted.Length; i++)
        {
            if (_hosted[i].Index == id) return i;
        }

        throw new ArgumentOutOfRangeException(nameof(id), id, $"There is no replica {id} in this process.");
    }
}
