using System.Runtime.InteropServices;
using System.Text;
using OrleansPbft.Services;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>ST-1, ST-2, K-3: what was fetched is the donor's state, goes on like it, and was fetched only where it differed.</summary>
public sealed class StateTransferTests
{
    private enum Receiver
    {
        Empty,
        Older,
        Newer,
        Corrupted,
        Another,
    }

    /// <summary>Random states, fetched in chunks of random sizes: equal digests, and from there on equal answers, evictions and digests.</summary>
    [Fact]
    public void A_restored_replica_is_the_donor_at_its_checkpoint_and_goes_on_as_the_donor_did()
    {
        var (restored, fetched, executed) = (0, 0L, 0);
        for (var seed = 0; seed < PropertyCheck.Rounds(120); seed++)
        {
            var random = new Random(seed);
            var keys = 1 + random.Next(seed % 3 == 0 ? 1500 : 30);
            var before = StateUnderTest.Load(random, random.Next(200), keys);
            var after = StateUnderTest.Load(random, 40, keys, from: before.Count);
            var donor = new StateUnderTest();
            donor.Execute(before);
            var snapshot = donor.State.TakeSnapshot();
            Assert.Equal((donor.State.LastExecuted, donor.Digest), (snapshot.Sequence, snapshot.Digest));
            var answers = after.Select(donor.Execute).ToArray();

            foreach (var kind in Enum.GetValues<Receiver>())
            {
                var receiver = Make(kind, random, before, after, keys);
                var download = snapshot.To(receiver).Fetch(snapshot, 1 << random.Next(6, 17));

                Assert.True(download.IsComplete);
                Assert.True(receiver.State.Restore(download));
                Assert.Equal((snapshot.Sequence, snapshot.Digest), (receiver.State.LastExecuted, receiver.Digest));
                receiver.State.Rehash();
                Assert.Equal(snapshot.Digest, receiver.Digest);
                Assert.Equal(answers, after.Select(receiver.Execute));
                Assert.Equal((donor.Digest, donor.State.LastTimestamp, donor.State.Sessions), (receiver.Digest, receiver.State.LastTimestamp, receiver.State.Sessions));
                restored++;
                fetched += download.ChunksTaken;
            }

            executed += answers.Sum(static replies => replies.Count(static reply => reply.Contains(" Executed ", StringComparison.Ordinal)));
        }

        if (!PropertyCheck.IsThorough(usual: 120)) return;
        Assert.True(restored == 600 && fetched > 5000 && executed > 500, $"restored {restored}, fetched {fetched}, executed {executed}");
    }

    [Fact]
    public void A_snapshot_stays_as_it_was_while_its_owner_goes_on()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var donor = new StateUnderTest();
            donor.Execute(StateUnderTest.Load(random, 100, keys: 500));
            var snapshot = donor.State.TakeSnapshot();
            var chunks = snapshot.AllChunks(1000);

            donor.Execute(StateUnderTest.Load(random, 50, keys: 500, from: 100));
            var next = donor.State.TakeSnapshot();
            donor.Execute(StateUnderTest.Load(random, 50, keys: 500, from: 150));
            donor.State.Rehash();

            Assert.NotEqual(snapshot.Digest, next.Digest);
            Assert.NotEqual(next.Digest, donor.Digest);
            Assert.Equal(Text(chunks), Text(snapshot.AllChunks(1000)));
            Assert.True(next.To(new()).Fetch(next).IsComplete);
        }
    }

    /// <summary>Three of 20 000 entries differ: the header, the nodes above them and their buckets are fetched, and the one session.</summary>
    [Fact]
    public void Only_what_differs_is_fetched()
    {
        PropertyCheck.NeedsLargeInput();
        var donor = new StateUnderTest();
        donor.Execute(StateUnderTest.Fill(20_000));
        var receiver = new StateUnderTest();
        receiver.Execute(StateUnderTest.Fill(20_000));
        donor.Execute(StateUnderTest.Count(201, 1, 2, 3));
        var snapshot = donor.State.TakeSnapshot();
        var whole = snapshot.To(new()).Fetch(snapshot);

        var download = snapshot.To(receiver).Fetch(snapshot);

        Assert.InRange(download.ChunksTaken, 6, 2 + 1 + (3 * 4));
        Assert.InRange(download.SubtreesReused, 30, 200);
        Assert.True(download.BytesTaken * 20 < whole.BytesTaken, $"{download.BytesTaken} of {whole.BytesTaken}");
        Assert.True(receiver.State.Restore(download));
        Assert.Equal(donor.Digest, receiver.Digest);

        var again = snapshot.To(receiver).Fetch(snapshot);
        Assert.Equal((1, true), (again.ChunksTaken, again.IsComplete)); // the header says that all is there
    }

    /// <summary>ST-2: sixty entries changed here and there in a large state: all its larger parts differ, and little of each is fetched.</summary>
    [Fact]
    public void What_differs_everywhere_a_little_is_fetched_a_little()
    {
        PropertyCheck.NeedsLargeInput();
        var donor = new StateUnderTest();
        donor.Execute(StateUnderTest.Fill(20_000));
        var receiver = new StateUnderTest();
        receiver.Execute(StateUnderTest.Fill(20_000));
        donor.Execute(StateUnderTest.Count(201, [.. Enumerable.Range(0, 60).Select(static i => i * 300)]));
        var snapshot = donor.State.TakeSnapshot();
        var whole = snapshot.To(new()).Fetch(snapshot);

        var download = snapshot.To(receiver).Fetch(snapshot);

        Assert.True(download.BytesTaken * 3 < whole.BytesTaken, $"{download.BytesTaken} of {whole.BytesTaken}");
        Assert.True(receiver.State.Restore(download));
        Assert.Equal(donor.Digest, receiver.Digest);
    }

    /// <summary>B42: the target moves on after every few chunks, and every entry changes now and then. What was fetched stays fetched.</summary>
    [Fact]
    public void A_newer_target_keeps_what_was_fetched_so_that_it_converges_under_load()
    {
        PropertyCheck.NeedsLargeInput();
        var donor = new StateUnderTest();
        donor.Execute(StateUnderTest.Fill(20_000));
        var snapshot = donor.State.TakeSnapshot();
        var whole = snapshot.To(new()).Fetch(snapshot).BytesTaken;
        var receiver = new StateUnderTest();
        var download = snapshot.To(receiver);
        var (bytes, targets) = (0L, 1);
        for (; !download.Fetch(snapshot, bytesMax: 4000, chunks: 20).IsComplete && targets < 100; targets++)
        {
            bytes += download.BytesTaken;
            donor.Execute(StateUnderTest.Count(200 + targets, targets));
            snapshot = donor.State.TakeSnapshot();
            download = download.Retarget(snapshot.Sequence, snapshot.Digest);
        }

        Assert.InRange(targets, 3, 50);
        Assert.True(bytes < 2 * whole, $"{bytes} fetched of {whole}");
        Assert.True(receiver.State.Restore(download));
        Assert.Equal(donor.Digest, receiver.Digest);
    }

    /// <summary>K-3: a byte flipped in memory shows in no digest that was taken before, but in those taken again; the difference is one chunk.</summary>
    [Theory]
    [InlineData(StateSection.Service)]
    [InlineData(StateSection.Sessions)]
    public void Rehashing_finds_a_flipped_byte_and_a_download_repairs_it(StateSection section)
    {
        var (donor, receiver) = (new StateUnderTest(), new StateUnderTest());
        donor.Execute(StateUnderTest.Fill(1000));
        receiver.Execute(StateUnderTest.Fill(1000));
        var snapshot = donor.State.TakeSnapshot();
        Assert.Equal(snapshot.Digest, receiver.Digest);

        Flip(receiver, section);
        Assert.Equal(snapshot.Digest, receiver.Digest);
        receiver.State.Rehash();
        Assert.NotEqual(snapshot.Digest, receiver.Digest);

        var download = snapshot.To(receiver).Fetch(snapshot);
        Assert.InRange(download.ChunksTaken, 2, 5);
        Assert.True(receiver.State.Restore(download));
        receiver.State.Rehash();
        Assert.Equal(snapshot.Digest, receiver.Digest);
    }

    /// <summary>What is taken from the local state without being fetched is digested again before it counts, and fetched where it rotted.</summary>
    [Theory]
    [InlineData(StateSection.Service)]
    [InlineData(StateSection.Sessions)]
    public void A_damaged_part_of_the_local_state_is_not_restored_but_fetched(StateSection section)
    {
        var (donor, receiver) = (new StateUnderTest(), new StateUnderTest());
        donor.Execute(StateUnderTest.Fill(1000));
        receiver.Execute(StateUnderTest.Fill(1000));
        _ = receiver.Digest;
        Flip(receiver, section);
        donor.Execute(StateUnderTest.Count(11, 1));
        var snapshot = donor.State.TakeSnapshot();
        var download = snapshot.To(receiver).Fetch(snapshot);
        var before = (receiver.State.LastExecuted, receiver.Digest);

        var damaged = !receiver.State.Restore(download);

        if (damaged)
        {
            Assert.Equal(before, (receiver.State.LastExecuted, receiver.Digest));
            Assert.False(download.IsComplete);
            Assert.True(receiver.State.Restore(download.Fetch(snapshot)));
        }

        Assert.Equal(section == StateSection.Service, damaged); // the session changed since, so that it was fetched in any case
        receiver.State.Rehash();
        Assert.Equal(snapshot.Digest, receiver.Digest);
    }

    [Fact]
    public void What_can_not_be_restored_changes_nothing()
    {
        var donor = new StateUnderTest();
        donor.Execute(StateUnderTest.Fill(200));
        var snapshot = donor.State.TakeSnapshot();
        var picky = new PickyService();
        var receiver = new StateUnderTest(picky);
        receiver.Execute(StateUnderTest.Fill(10));
        var before = (receiver.State.LastExecuted, receiver.Digest);

        var download = snapshot.To(receiver);
        Assert.False(receiver.State.Restore(download)); // nothing fetched yet
        download.Fetch(snapshot);
        picky.Refuses = true;
        Assert.False(receiver.State.Restore(download));
        picky.Refuses = false;
        picky.Forgets = true;
        Assert.False(receiver.State.Restore(download));
        picky.Forgets = false;

        Assert.Equal(before, (receiver.State.LastExecuted, receiver.Digest));
        Assert.True(receiver.State.Restore(download));
        Assert.Equal(donor.Digest, receiver.Digest);
    }

    /// <summary>K-2: a snapshot is no copy. The next digest costs one path for one write, with snapshots alive.</summary>
    [Fact]
    public void A_snapshot_costs_what_changes_after_it()
    {
        PropertyCheck.NeedsLargeInput();
        var donor = new StateUnderTest();
        donor.Execute(StateUnderTest.Fill(20_000));
        _ = donor.State.TakeSnapshot();
        var hashed = donor.State.Service.State.Map.HashesComputed;

        donor.Execute(StateUnderTest.Count(201, 1));
        _ = donor.State.TakeSnapshot();

        Assert.InRange(donor.State.Service.State.Map.HashesComputed - hashed, 1, 8);
    }

    private static IEnumerable<string> Text(List<(ChunkId Id, byte[] Bytes)> chunks) => chunks.Select(static c => $"{c.Id} {Convert.ToHexString(c.Bytes)}");

    private static StateUnderTest Make(Receiver kind, Random random, IReadOnlyList<Batch> before, IReadOnlyList<Batch> after, int keys)
    {
        var receiver = new StateUnderTest();
        switch (kind)
        {
            case Receiver.Older: receiver.Execute(before.Take(random.Next(before.Count + 1))); break;
            case Receiver.Newer: receiver.Execute([.. before, .. after]); break;
            case Receiver.Another: receiver.Execute(StateUnderTest.Load(random, 100, keys)); break;
            case Receiver.Corrupted:
                receiver.Execute(before);
                _ = receiver.Digest;
                foreach (var entry in receiver.State.Service.State.Entries.Where(e => e.Value.Length > 0 && random.Next(10) == 0).ToArray())
                {
                    ImmutableCollectionsMarshal.AsArray(entry.Value)![random.Next(entry.Value.Length)] ^= 1;
                }

                receiver.State.Rehash();
                break;
        }

        return receiver;
    }

    /// <summary>Flips a bit where the state itself keeps it.</summary>
    private static void Flip(StateUnderTest replica, StateSection section)
    {
        var bytes = section == StateSection.Service
            ? ImmutableCollectionsMarshal.AsArray(replica.State.Service.State.Find(Encoding.UTF8.GetBytes(StateUnderTest.Key(77)))!.Value)!
            : ((SessionImage)replica.State.SessionState.Map.LeavesAt(0, default)[0]).Kept[0].Results!;
        bytes[^1] ^= 0x10;
    }

    /// <summary>A store that can refuse a state, or claim to have taken it.</summary>
    private sealed class PickyService : IStateMachine
    {
        private readonly KeyValueStore _store = new();

        public bool Refuses { get; set; }

        public bool Forgets { get; set; }

        public string Name => _store.Name;

        public StateTree State => _store.State;

        public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, System.Buffers.IBufferWriter<byte> result) => _store.Apply(operation, context, result);

        public void Query(ReadOnlySpan<byte> operation, System.Buffers.IBufferWriter<byte> result) => _store.Query(operation, result);

        public bool Restore(StateTree state) => !Refuses && (Forgets || _store.Restore(state));
    }
}
