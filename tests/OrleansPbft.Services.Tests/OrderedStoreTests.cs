using System.Text;
using OrleansPbft.Core;

namespace OrleansPbft.Services.Tests;

/// <summary>K-2, S-3: entries are digested only when a root is asked for, and nobody can tell when it was asked before.</summary>
public sealed class OrderedStoreTests
{
    private readonly OrderedStore _store = new();

    [Fact]
    public void A_root_asked_for_twice_is_the_same()
    {
        Put(_store, "a", "1");

        Assert.Equal(_store.Root, _store.Root);
    }

    [Fact]
    public void Every_write_after_a_root_shows_in_the_next()
    {
        var roots = new HashSet<Digest> { _store.Root };

        Put(_store, "a", "1");
        Assert.True(roots.Add(_store.Root));
        Put(_store, "a", "2");
        Assert.True(roots.Add(_store.Root));
        Put(_store, "a", "2"); // the same value has another version
        Assert.True(roots.Add(_store.Root));
        Delete(_store, "a");
        Assert.True(roots.Add(_store.Root));
        Put(_store, "a", "2");
        Assert.True(roots.Add(_store.Root));
    }

    /// <summary>Whether the root saw an entry, its deletion, neither or both must not matter to what comes after.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void An_entry_deleted_and_written_again_is_there_once(bool rootBefore, bool rootBetween)
    {
        Put(_store, "a", "1");
        if (rootBefore) _ = _store.Root;
        Assert.Equal(1, Delete(_store, "a"));
        Assert.Null(_store.Find("a"u8));
        Assert.Null(Delete(_store, "a"));
        Assert.Empty(_store.From(default));
        if (rootBetween) _ = _store.Root;
        Put(_store, "a", "2");

        var twin = new OrderedStore();
        Put(twin, "b", "1");
        Delete(twin, "b");
        Put(twin, "a", "2");
        Assert.Equal(("2", 3), (Text(_store.Find("a"u8)), _store.Find("a"u8)!.Version));
        Assert.Equal(1, _store.Count);
        Assert.Equal(twin.Root, _store.Root);
        Assert.Single(_store.From(default));
    }

    /// <summary>After everything is deleted nothing is left: equal to a store that never had those keys, at the same revision.</summary>
    [Fact]
    public void Equal_content_at_equal_revisions_has_equal_roots_whatever_the_history()
    {
        var twin = new OrderedStore();
        for (var i = 0; i < 300; i++)
        {
            Put(_store, $"old {i}", "x");
            Put(twin, $"other {i}", "y");
        }

        _ = _store.Root;
        for (var i = 0; i < 300; i++)
        {
            Delete(_store, $"old {i}");
            Delete(twin, $"other {i}");
        }

        Assert.Equal((0, 600), (_store.Count, _store.Revision));
        Assert.Equal(twin.Root, _store.Root);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_transaction_rolled_back_never_was(bool rootWithin)
    {
        Put(_store, "kept", "1");
        Put(_store, "gone", "1");
        var root = _store.Root;

        _store.Begin();
        Put(_store, "kept", "2");
        Delete(_store, "gone");
        Put(_store, "gone", "3");
        Delete(_store, "gone");
        Put(_store, "new", "1");
        if (rootWithin) Assert.NotEqual(root, _store.Root);
        Put(_store, "kept", "4");
        Delete(_store, "new");
        Delete(_store, "kept");
        _store.Rollback();

        Assert.Equal(root, _store.Root);
        Assert.Equal(["gone 1 2", "kept 1 1"], Content(_store));
        Put(_store, "new", "1");
        Assert.Equal(3, _store.Find("new"u8)!.Version);
    }

    /// <summary>A root within a transaction must not forget a deleted entry that the rollback then brings back.</summary>
    [Fact]
    public void A_deletion_seen_by_a_root_and_rolled_back_can_be_followed_by_anything()
    {
        Put(_store, "a", "1");
        var root = _store.Root;
        _store.Begin();
        Delete(_store, "a");
        _ = _store.Root;
        _store.Rollback();
        Assert.Equal(root, _store.Root);

        Delete(_store, "a");
        Put(_store, "a", "2");

        Assert.Equal(["a 2 3"], Content(_store));
    }

    /// <summary>One store asked for its root at random moments, one at the end only: histories with transactions, 100 seeds.</summary>
    [Fact]
    public void When_roots_were_asked_for_does_not_show()
    {
        var rolledBack = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var eager = new OrderedStore();
            var lazy = new OrderedStore();
            var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
            for (var transaction = 0; transaction < 60; transaction++)
            {
                eager.Begin();
                lazy.Begin();
                var next = new SortedDictionary<string, string>(model, StringComparer.Ordinal);
                for (var step = random.Next(6); step > 0; step--)
                {
                    var key = $"k{random.Next(12)}";
                    if (random.Next(3) == 0)
                    {
                        Assert.Equal(Delete(eager, key), Delete(lazy, key));
                        next.Remove(key);
                    }
                    else
                    {
                        next[key] = random.Next(3).ToString();
                        Put(eager, key, next[key]);
                        Put(lazy, key, next[key]);
                    }

                    if (random.Next(3) == 0) _ = eager.Root;
                }

                if (random.Next(3) == 0)
                {
                    eager.Rollback();
                    lazy.Rollback();
                    rolledBack++;
                }
                else
                {
                    eager.Commit();
                    lazy.Commit();
                    model = next;
                }

                if (random.Next(3) == 0) _ = eager.Root;
            }

            Assert.Equal(Content(lazy), Content(eager));
            Assert.Equal(model.Select(e => $"{e.Key} {e.Value}"), Content(eager).Select(line => line[..line.LastIndexOf(' ')]));
            Assert.Equal(model.Count, eager.Count);
            Assert.Equal(lazy.Root, eager.Root);
        }

        Assert.True(rolledBack > 1000);
    }

    /// <summary>Keys of odd and even lengths, prefixes of each other and zeroes, are different keys.</summary>
    [Fact]
    public void Keys_are_compared_byte_by_byte()
    {
        byte[][] keys = [[0], [0, 0], [0, 0, 0], [1], [1, 0], [0, 1], [255], [255, 255, 255]];
        foreach (var key in keys) _store.Put(key, key);

        Assert.Equal(keys.Length, _store.Count);
        foreach (var key in keys) Assert.Equal(key, _store.Find(key)!.Value.ToArray());
        Assert.Null(_store.Find([1, 1]));
        Assert.Equal(["00", "0000", "000000", "0001", "01", "0100", "FF", "FFFFFF"], _store.From(default).Select(e => Convert.ToHexString(e.Key.Span)));
    }

    private static void Put(OrderedStore store, string key, string value) => store.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));

    private static long? Delete(OrderedStore store, string key) => store.Delete(Encoding.UTF8.GetBytes(key));

    private static string Text(StoreEntry? entry) => Encoding.UTF8.GetString(entry!.Value.Span);

    private static string[] Content(OrderedStore store) =>
        [.. store.From(default).Select(e => $"{Encoding.UTF8.GetString(e.Key.Span)} {Text(e)} {e.Version}")];
}
