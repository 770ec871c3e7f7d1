using System.Runtime.InteropServices;
using System.Text;
using OrleansPbft.Core;

namespace OrleansPbft.Services.Tests;

/// <summary>ST-1, K-3: a service restored from another's state is that service, and one that can not be is unchanged.</summary>
public sealed class RestoreTests
{
    /// <summary>Random writes, deletions and rollbacks; the copy, whatever it held before, has the content, the order and the versions, and goes on alike.</summary>
    [Fact]
    public void A_restored_store_goes_on_as_the_other_does()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var (store, copy) = (new OrderedStore(), new OrderedStore());
            Change(store, random, 100);
            Change(copy, random, random.Next(50));
            if (seed % 2 == 0) _ = copy.Root;

            Assert.True(copy.Restore(store.State.Fork()));

            Assert.Equal((store.Root, store.Revision, store.Count), (copy.Root, copy.Revision, copy.Count));
            Assert.Equal(Content(store), Content(copy));
            Change(store, new(seed), 60);
            Change(copy, new(seed), 60);
            Assert.Equal(Content(store), Content(copy));
            Assert.Equal(store.Root, copy.Root);
            copy.Rehash();
            Assert.Equal(store.Root, copy.Root);
        }
    }

    /// <summary>Two stores may share entries: what one does the other does not see.</summary>
    [Fact]
    public void A_fork_of_a_stores_state_stays_as_it_was()
    {
        var store = new OrderedStore();
        Change(store, new(1), 300);
        var fork = store.State.Fork();
        var (root, content) = (fork.Root, Text(fork));

        Change(store, new(2), 300);
        Assert.NotEqual(root, store.Root);
        Assert.True(new OrderedStore().Restore(fork));
        store.Rehash();
        _ = store.Root;

        Assert.Equal(root, fork.Rehashed().Root);
        Assert.Equal(content, Text(fork));
    }

    [Fact]
    public void A_state_that_is_no_stores_is_refused_and_changes_nothing()
    {
        var store = new OrderedStore();
        Change(store, new(1), 50);
        var (root, content) = (store.Root, Content(store));

        Assert.False(store.Restore(new())); // no revision
        Assert.False(store.Restore(Tree(revision: 5, version: 6))); // written after the last write
        Assert.False(store.Restore(Tree(revision: 5, version: 0)));
        Assert.False(store.Restore(Tree(revision: -1, version: -1)));

        Assert.Equal(root, store.Root);
        Assert.Equal(content, Content(store));
        Assert.True(store.Restore(Tree(revision: 5, version: 5)));
        Assert.Equal((5, 1), (store.Revision, store.Count));
    }

    [Fact]
    public void Rehashing_sees_a_value_that_changed_behind_the_stores_back()
    {
        var store = new OrderedStore();
        Change(store, new(1), 200);
        var root = store.Root;
        var entry = store.From(default).First(static e => e.Value.Length > 0);
        Assert.True(MemoryMarshal.TryGetArray(entry.Value, out var value));

        value.Array![0] ^= 1;
        Assert.Equal(root, store.Root);
        store.Rehash();
        Assert.NotEqual(root, store.Root);
        value.Array[0] ^= 1;
        store.Rehash();
        Assert.Equal(root, store.Root);
    }

    /// <summary>A deletion that no root has seen is not brought back by digesting everything again, within a transaction or without.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rehashing_between_a_deletion_and_its_root_changes_nothing(bool inTransaction)
    {
        var (store, twin) = (new OrderedStore(), new OrderedStore());
        foreach (var each in new[] { store, twin })
        {
            each.Put("a"u8, "1"u8);
            each.Put("b"u8, "2"u8);
            _ = each.Root;
            if (inTransaction) each.Begin();
            each.Delete("a"u8);
        }

        store.Rehash();

        Assert.Equal(twin.Root, store.Root);
        if (!inTransaction) return;
        store.Rollback();
        twin.Rollback();
        Assert.Equal(twin.Root, store.Root);
        Assert.Equal(2, store.Count);
    }

    [Fact]
    public void A_counter_is_restored_from_its_number_alone()
    {
        var (counter, copy) = (new ServiceUnderTest(new Counter()), new ServiceUnderTest(new Counter()));
        counter.Apply(Counter.Add(42));
        copy.Apply(Counter.Add(7));

        Assert.False(copy.Service.Restore(new()));
        Assert.False(copy.Service.Restore(Tree(revision: 1, version: 1))); // a number, but entries too
        Assert.True(Counter.TryRead(copy.Query(Counter.Add(0)), out var value) && value == 7);
        Assert.True(copy.Service.Restore(counter.Service.State.Fork()));

        Assert.Equal(counter.Service.Root, copy.Service.Root);
        Assert.True(Counter.TryRead(copy.Apply(Counter.Add(1)), out value) && value == 43);
        copy.Service.Rehash();
        Assert.NotEqual(counter.Service.Root, copy.Service.Root);
    }

    /// <summary>Who derives from StateMachine has written nothing for it.</summary>
    [Fact]
    public void A_service_of_records_is_restored_without_a_line_of_its_own()
    {
        var (notes, copy) = (new ServiceUnderTest(new Notes()), new ServiceUnderTest(new Notes()));
        notes.Apply(Notes.Encode(new("a", "one")));
        notes.Apply(Notes.Encode(new("b", "two")));
        copy.Apply(Notes.Encode(new("c", "gone")));

        Assert.True(copy.Service.Restore(notes.Service.State.Fork()));

        Assert.Equal(notes.Service.Root, copy.Service.Root);
        Assert.Equal("one", Notes.Decode(copy.Apply(Notes.Encode(new("a", "three")))));
        Assert.Equal("", Notes.Decode(copy.Apply(Notes.Encode(new("c", "")))));
    }

    /// <summary>What could not be sent to a replica that lacks it is refused, the same way by all, before it is in the state.</summary>
    [Fact]
    public void An_entry_too_large_for_a_chunk_is_refused()
    {
        var notes = new ServiceUnderTest(new Notes());
        var root = notes.Service.Root;

        Assert.Contains($"{StateEntry.BytesMax} is the most", notes.ApplyOrReject(Notes.Encode(new("a", new('x', StateEntry.BytesMax)))), StringComparison.Ordinal);

        Assert.Equal(root, notes.Service.Root);
        notes.Apply(Notes.Encode(new("a", new('x', StateEntry.BytesMax - 3))));
        Assert.NotEqual(root, notes.Service.Root);
        Assert.Throws<ArgumentException>(static () => new StateEntry([1], 1, ImmutableCollectionsMarshal.AsImmutableArray(new byte[StateEntry.BytesMax])));
    }

    private static StateTree Tree(long revision, long version)
    {
        var tree = new StateTree();
        tree.SetHeader(BitConverter.GetBytes(revision));
        tree.Set(new StateEntry([1], version, [2]));
        return tree;
    }

    private static void Change(OrderedStore store, Random random, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            var isTaken = random.Next(10) == 0;
            if (isTaken) store.Begin();
            var key = Encoding.UTF8.GetBytes($"{random.Next(80)}");
            if (random.Next(4) == 0) store.Delete(key);
            else store.Put(key, new byte[random.Next(700)]);
            if (isTaken) store.Rollback();
        }
    }

    private static string[] Content(OrderedStore store) =>
        [.. store.From(default).Select(static e => $"{Convert.ToHexString(e.Key.Span)}={e.Version}:{Convert.ToHexString(e.Value.Span)}")];

    private static string[] Text(StateTree tree) =>
        [.. tree.Entries.Select(static e => $"{Convert.ToHexString(e.Key.AsSpan())}={e.Version}:{Convert.ToHexString(e.Value.AsSpan())}")];

    private sealed record Note(string Title, string Text);

    private sealed class Notes : StateMachine<Note, string>
    {
        public override string Name => "Notes/1";

        protected override string Apply(Note command, ServiceState state, in OperationContext context)
        {
            var before = state.Get<string>(command.Title) ?? "";
            state.Put(command.Title, command.Text);
            return before;
        }
    }
}
