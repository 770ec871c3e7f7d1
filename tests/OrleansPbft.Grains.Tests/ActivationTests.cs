using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Machines;
using OrleansPbft.Grains.Network;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Grains.Tests.Support;
using OrleansPbft.Journal;

namespace OrleansPbft.Grains.Tests;

/// <summary>Rule D-4 and LESSONS B46: activations come and go, and for a moment there are two; the machine is always one.</summary>
public sealed class ActivationTests
{
    [Fact]
    public async Task A_second_activation_steps_the_machine_only_after_the_first_has_ended_and_the_first_never_again()
    {
        using var instruments = new PbftInstruments();
        using var machine = new GatedMachine(instruments);
        var first = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var second = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var takenOver = 0;

        for (var i = 0; i < 10; i++) machine.Tick();
        var firstClaim = await On(first, () => machine.TakeOver(static _ => { }, () => takenOver++));
        machine.Entered.Wait(TestContext.Current.CancellationToken); // the first activation is in the middle of its first step
        var secondClaim = await On(second, () => machine.TakeOver(static _ => { }, static () => { }));
        Assert.False(firstClaim.Ended.IsCompleted);
        machine.Gate.Set();
        await firstClaim.Ended.WaitAsync(TestContext.Current.CancellationToken);
        machine.Tick();
        await TestSilo.Eventually(() => Task.FromResult(machine.SteppedBy.Count >= 11));

        Assert.Equal(1, takenOver);
        Assert.True(firstClaim.IsFenced);
        Assert.False(secondClaim.IsFenced);
        Assert.Equal(first, machine.SteppedBy.First());
        Assert.All(machine.SteppedBy.Skip(1), by => Assert.Equal(second, by));
        await machine.ReleaseAsync(secondClaim);
    }

    [Fact]
    public async Task A_leader_whose_activation_is_replaced_again_and_again_never_proposes_two_batches_at_one_sequence()
    {
        await using var silo = await TestSilo.StartAsync();
        var proposed = new ConcurrentDictionary<(long View, long Sequence), ConcurrentDictionary<Digest, bool>>();
        silo.Peers.OnSent = (_, _, envelope) =>
        {
            if (silo.Cluster.Opener.TryOpen(envelope.Bytes, out var input) != RejectReason.None || input.Kind != InputKind.PrePrepare) return;
            proposed.GetOrAdd((input.PrePrepare.View.Number, input.PrePrepare.Sequence.Value), static _ => new()).TryAdd(input.PrePrepare.Digest, true);
        };
        var client = silo.Connect();
        await client.OpenAsync();

        for (byte i = 0; i < 20; i++)
        {
            var answers = new[] { client.SubmitAsync([i]), client.SubmitAsync([i]) };
            silo.Machines.Leader(0).TakeOver(static _ => { }, static () => { }); // the grain is fenced, and deactivated
            await silo.Grains.GetGrain<ILeaderGrain>(0).GetStatus(); // and active again
            await Task.WhenAll(answers);
        }

        var statuses = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.True(proposed.Count > 20);
        Assert.All(proposed, static at => Assert.Single(at.Value));
        Assert.Equal(Enumerable.Range(1, proposed.Count), proposed.Keys.Select(static at => (int)at.Sequence).Order());
        Assert.Single(statuses.Select(static status => status.StateDigest).Distinct());
        Assert.All(statuses, static status => Assert.Equal(0, status.Accusations));
    }

    [Fact]
    public async Task A_replica_whose_activation_is_replaced_again_and_again_never_votes_for_two_digests()
    {
        await using var silo = await TestSilo.StartAsync(configure: static options => options.Authentication = AuthenticationMode.Signatures); // votes that anybody can read
        var votes = new ConcurrentDictionary<(VotePhase Phase, long Sequence), ConcurrentDictionary<Digest, bool>>();
        silo.Peers.OnSent = (from, _, envelope) =>
        {
            if (from.Index != 2 || silo.Cluster.Opener.TryOpen(envelope.Bytes, out var input) != RejectReason.None || input.Kind != InputKind.Vote) return;
            votes.GetOrAdd((input.Vote.Phase, input.Vote.Sequence.Value), static _ => new()).TryAdd(input.Vote.Digest, true);
        };
        silo.Peers.Silent = ReplicaSet.Empty.With(new(3)); // so that replica 2 is needed
        var client = silo.Connect();
        await client.OpenAsync();

        for (byte i = 0; i < 20; i++)
        {
            var answer = client.SubmitAsync([i]);
            silo.Machines.Replica(2).TakeOver(static _ => { }, static () => { });
            await silo.StatusOf(2);
            await answer;
        }

        var statuses = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.True(votes.Count >= 42);
        Assert.All(votes, static at => Assert.Single(at.Value));
        Assert.Single(statuses.Select(static status => status.StateDigest).Distinct());
    }

    [Fact]
    public async Task A_machine_whose_step_throws_halts_loudly_and_takes_nobody_with_it()
    {
        var replicas = 0;
        await using var silo = await TestSilo.StartAsync(
            services: services => services.AddPbftService("Fragile", _ => new FragileService(breaks: ++replicas == 4)), // the last one's
            configure: static options => options.Service = "Fragile");
        var client = silo.Connect();
        await client.OpenAsync();

        var accepted = await client.SubmitAsync([FragileService.Breaking]);
        var after = await client.SubmitAsync([2]);
        await TestSilo.Eventually(async () => (await silo.StatusOf(3)).State == ReplicaStatus.HaltedState);
        var statuses = await silo.StatusOfAll();

        Assert.Equal(ReplyStatus.Executed, accepted.Reply.Status);
        Assert.Equal(ReplyStatus.Executed, after.Reply.Status);
        var halted = Assert.Single(statuses, static status => status.State == ReplicaStatus.HaltedState);
        Assert.Contains(nameof(InsufficientExecutionStackException), halted.HaltedBecause, StringComparison.Ordinal);
        Assert.Equal("", halted.StateDigest);
    }

    private static Task<MachineHost.Claim> On(TaskScheduler scheduler, Func<MachineHost.Claim> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, scheduler);

    /// <summary>Its first step waits for a gate; all steps say on whose turn they ran.</summary>
    private sealed class GatedMachine : MachineHost, IDisposable
    {
        public GatedMachine(PbftInstruments instruments)
            : base(new(0), new(TimeProvider.System), NullJournal.Instance, faults: null, NullLogger.Instance)
        {
            var options = new ProtocolOptions { Cluster = new(1) };
            using var keys = KeyPair.Create();
            var membership = new Membership([keys.PublicKey]);
            var opener = new EnvelopeOpener(membership, options, new(new()));
            Rejects = new(instruments, 0);
            Inbound = new([new(16, 1 << 20)], opener, new(TimeProvider.System), Rejects, Halt);
            Outbound = new(new(new(membership.Id, new(0), keys), Sessions: null), options.Cluster, new Nowhere(), phases: null, faults: null, recorder: null, Clock, Halt);
        }

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Gate { get; } = new();

        public ConcurrentQueue<TaskScheduler> SteppedBy { get; } = new();

        public override RejectCounter Rejects { get; }

        protected override InboundPipeline Inbound { get; }

        protected override OutboundPipeline Outbound { get; }

        public void Dispose()
        {
            Entered.Dispose();
            Gate.Dispose();
        }

        protected override int LaneOf(int origin) => 0;

        protected override void Start(Instant now)
        {
        }

        protected override void Step(Instant now, in Arrival arrival)
        {
            SteppedBy.Enqueue(TaskScheduler.Current);
            Entered.Set();
            Gate.Wait();
        }

        protected override void Perform(Instant now, in Effect effect) => throw new System.Diagnostics.UnreachableException();

        protected override void OnDrained()
        {
        }
    }

    private sealed class Nowhere : IPeers
    {
        public void Send(ReplicaId from, ReplicaId to, in Envelope envelope)
        {
        }

        public void Reply(ReplicaId from, ClientId to, in Envelope envelope)
        {
        }
    }
}
