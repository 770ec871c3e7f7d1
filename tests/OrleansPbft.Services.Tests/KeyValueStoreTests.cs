using System.Buffers;
using System.Text;
using OrleansPbft.Core;

namespace OrleansPbft.Services.Tests;

/// <summary>The key-value store: every operation, its edges, and that what fails changes nothing (S-3).</summary>
public sealed class KeyValueStoreTests
{
    private readonly KeyValueStore _store = new();
    private readonly ServiceUnderTest _service;

    public KeyValueStoreTests() => _service = new(_store);

    [Fact]
    public void What_was_put_is_read_with_its_version()
    {
        Assert.Equal(KeyValueOutcome.NotFound, Get("greeting").Outcome);

        var written = Put("greeting", "hello");
        var found = Get("greeting");

        Assert.Equal((KeyValueOutcome.Written, 1), (written.Outcome, written.Version));
        Assert.Equal((KeyValueOutcome.Found, 1, "hello"), (found.Outcome, found.Version, Text(found)));
    }

    [Fact]
    public void A_condition_holds_for_one_version_only()
    {
        Assert.Equal((KeyValueOutcome.VersionMismatch, 0), Outcome(Put("k", "a", ifVersion: 1)));
        Assert.Equal((KeyValueOutcome.Written, 1), Outcome(Put("k", "a", ifVersion: 0)));
        Assert.Equal((KeyValueOutcome.VersionMismatch, 1), Outcome(Put("k", "b", ifVersion: 0)));
        Assert.Equal((KeyValueOutcome.Written, 2), Outcome(Put("k", "b", ifVersion: 1)));
        Assert.Equal((KeyValueOutcome.VersionMismatch, 2), Outcome(Put("k", "c", ifVersion: 1)));
        Assert.Equal("b", Text(Get("k")));
    }

    /// <summary>An entry deleted and written again has a version it never had: no ABA.</summary>
    [Fact]
    public void Versions_are_not_used_again_after_a_delete()
    {
        Put("k", "a");
        Assert.Equal((KeyValueOutcome.VersionMismatch, 1), Outcome(Delete("k", ifVersion: 9)));
        Assert.Equal((KeyValueOutcome.Deleted, 1), Outcome(Delete("k", ifVersion: 1)));
        Assert.Equal((KeyValueOutcome.NotFound, 0), Outcome(Delete("k")));

        var again = Put("k", "a");

        Assert.True(again.Version > 1);
        Assert.Equal((KeyValueOutcome.VersionMismatch, again.Version), Outcome(Put("k", "b", ifVersion: 1)));
    }

    [Fact]
    public void Increment_counts_from_zero_and_keeps_decimal_text()
    {
        Assert.Equal("5", Text(Increment("n", 5)));
        Assert.Equal("-2", Text(Increment("n", -7)));
        Assert.Equal("-2", Text(Get("n")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("seven")]
    [InlineData(" 7")]
    [InlineData("7.0")]
    [InlineData("9223372036854775808")]
    public void Increment_of_what_is_no_number_changes_nothing(string value)
    {
        Put("n", value);
        var root = _store.State.Root;

        Assert.Equal((KeyValueOutcome.NotANumber, 1), Outcome(Increment("n", 1)));

        Assert.Equal(root, _store.State.Root);
    }

    [Fact]
    public void Increment_beyond_64_bits_changes_nothing()
    {
        Increment("n", long.MaxValue);
        var root = _store.State.Root;

        Assert.Equal((KeyValueOutcome.Overflow, 1), Outcome(Increment("n", 1)));
        Assert.Equal(root, _store.State.Root);
        Assert.Equal("0", Text(Increment("n", -long.MaxValue)));
        Assert.Equal(long.MinValue.ToString(), Text(Increment("m", long.MinValue)));
        Assert.Equal(KeyValueOutcome.Overflow, Increment("m", -1).Outcome);
    }

    [Theory]
    [InlineData("", "The key is empty.")]
    [InlineData("a\0b", "The key has the control character U+0000.")]
    [InlineData("line\n", "The key has the control character U+000A.")]
    [InlineData("del\u007f", "The key has the control character U+007F.")]
    public void Malformed_keys_are_rejected_with_a_reason(string key, string reason)
    {
        foreach (var operation in new[]
        {
            KeyValueOperation.Get(key), KeyValueOperation.Put(key, []), KeyValueOperation.Delete(key), KeyValueOperation.Increment(key),
        })
        {
            Assert.Equal(reason, Assert.Throws<OperationRejectedException>(() => _service.Apply(operation)).Message);
        }
    }

    [Fact]
    public void Keys_and_values_have_limits_and_may_reach_them()
    {
        var longest = new string('k', KeyValueStore.KeyBytesMax);
        var largest = new byte[KeyValueStore.ValueBytesMax];

        Assert.Equal(KeyValueOutcome.Written, _service.KeyValue(KeyValueOperation.Put(longest, largest)).Outcome);
        Assert.Equal(largest.Length, Get(longest).Value.Length);
        Assert.Contains("1024 is the most", Rejection(KeyValueOperation.Put(longest + "k", [])), StringComparison.Ordinal);
        Assert.Contains("65536 is the most", Rejection(KeyValueOperation.Put("k", new byte[largest.Length + 1])), StringComparison.Ordinal);
        Assert.Equal(1, _store.Count);
    }

    [Fact]
    public void A_key_that_is_not_utf8_is_rejected()
    {
        var operation = KeyValueOperation.Get("ab");
        operation[^1] = 0xFF;

        Assert.Equal("The key is not UTF-8.", Rejection(operation));
    }

    [Fact]
    public void A_range_pages_through_a_prefix_in_order()
    {
        foreach (var key in new[] { "b", "a/3", "a/1", "a", "a/2", "a0", "é", "\U0001F600" }) Put(key, key);

        Assert.Equal(["a/1", "a/2", "a/3"], Range("a/").Items.Select(i => i.Key));
        var first = Range("a/", limit: 2);
        Assert.Equal(("a/2", 2), (first.Next, first.Items.Length));
        var second = Range("a/", after: first.Next, limit: 2);
        Assert.Equal(["a/3"], second.Items.Select(i => i.Key));
        Assert.Null(second.Next);
        Assert.Equal(["a", "a/1", "a/2", "a/3", "a0", "b", "é", "\U0001F600"], Range("").Items.Select(i => i.Key));
        Assert.Null(Range("", limit: 8).Next); // exactly all: nothing more
        Assert.Empty(Range("a/", after: "a/9").Items);
        Assert.Equal(["b", "é", "\U0001F600"], Range("", after: "a0").Items.Select(i => i.Key));
        Assert.Empty(Range("zz").Items);
    }

    [Fact]
    public void A_range_stays_within_its_bytes_and_always_moves_on()
    {
        for (var i = 0; i < 4; i++) _service.Apply(KeyValueOperation.Put($"k{i}", new byte[40 << 10]));

        var keys = new List<string>();
        string? after = null;
        var pages = 0;
        do
        {
            var page = Range("k", after);
            Assert.InRange(page.Items.Sum(i => i.Value.Length), 1, KeyValueStore.RangeBytesMax);
            keys.AddRange(page.Items.Select(i => i.Key));
            after = page.Next;
            pages++;
        }
        while (after is not null);

        Assert.Equal((2, "k0 k1 k2 k3"), (pages, string.Join(' ', keys)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void A_range_has_a_limit(int limit) =>
        Assert.Contains("1 to 1000", Rejection(KeyValueOperation.Range("", limit: limit)), StringComparison.Ordinal);

    /// <summary>Every truncation of every operation, and every trailing byte, is rejected and changes nothing.</summary>
    [Fact]
    public void Truncated_and_trailing_bytes_are_rejected()
    {
        Put("k", "1");
        var root = _store.State.Root;
        foreach (var operation in new[]
        {
            KeyValueOperation.Get("k"), KeyValueOperation.Put("k", "v"u8, 1), KeyValueOperation.Delete("k", 1), KeyValueOperation.Increment("k"),
            KeyValueOperation.Range("k", "l"),
        })
        {
            for (var length = 0; length < operation.Length; length++) Rejection(operation[..length]);
            Rejection([.. operation, 0]);
        }

        Rejection([0]);
        Rejection([99, 0, 0]);
        Assert.Equal(root, _store.State.Root);
    }

    /// <summary>S-3: when the result does not fit, what was written is taken back.</summary>
    [Fact]
    public void A_write_whose_result_does_not_fit_changes_nothing()
    {
        Put("k", "old");
        var root = _store.State.Root;
        foreach (var operation in new[]
        {
            KeyValueOperation.Put("k", "new"u8), KeyValueOperation.Put("l", "new"u8), KeyValueOperation.Delete("k"), KeyValueOperation.Increment("n"),
        })
        {
            Assert.Throws<InsufficientMemoryException>(() => _store.Apply(operation, default, new NoRoom()));
            Assert.Equal(root, _store.State.Root);
        }

        Assert.Equal((KeyValueOutcome.Written, 2), Outcome(Put("k", "next")));
    }

    [Fact]
    public void Queries_read_and_never_write()
    {
        Put("k", "v");
        var root = _store.State.Root;

        Assert.True(KeyValueResult.TryRead(_service.Query(KeyValueOperation.Get("k")), out var found));
        Assert.Equal("v", Text(found));
        Assert.True(KeyValueResult.TryRead(_service.Query(KeyValueOperation.Range("")), out var range));
        Assert.Single(range.Items);
        foreach (var write in new[] { KeyValueOperation.Put("k", []), KeyValueOperation.Delete("k"), KeyValueOperation.Increment("k") })
        {
            Assert.Throws<OperationRejectedException>(() => _service.Query(write));
        }

        Assert.Equal(root, _store.State.Root);
    }

    /// <summary>S-1: two stores fed the same operations, garbage among them, agree after every step; and with a plain model.</summary>
    [Fact]
    public void Random_operations_agree_with_a_twin_and_with_a_model()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var one = new ServiceUnderTest(new KeyValueStore());
            var two = new ServiceUnderTest(new KeyValueStore());
            var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
            for (var step = 0; step < 300; step++)
            {
                var key = $"k{random.Next(20)}";
                var value = random.Next(100).ToString();
                byte[] operation;
                switch (random.Next(6))
                {
                    case 0: operation = KeyValueOperation.Get(key); break;
                    case 1:
                        operation = KeyValueOperation.Put(key, Encoding.UTF8.GetBytes(value));
                        model[key] = value;
                        break;
                    case 2:
                        operation = KeyValueOperation.Delete(key);
                        model.Remove(key);
                        break;
                    case 3:
                        operation = KeyValueOperation.Increment(key, 3);
                        model[key] = (long.Parse(model.GetValueOrDefault(key, "0")) + 3).ToString();
                        break;
                    case 4: operation = KeyValueOperation.Range("k1", limit: 1 + random.Next(20)); break;
                    default:
                        operation = new byte[random.Next(40)];
                        random.NextBytes(operation);
                        if (operation.Length > 0) operation[0] = (byte)(random.Next(250) + 6); // no valid opcode
                        break;
                }

                Assert.Equal(one.ApplyOrReject(operation), two.ApplyOrReject(operation));
                Assert.Equal(one.Service.Root, two.Service.Root);
            }

            var content = one.KeyValue(KeyValueOperation.Range("", limit: 1000));
            Assert.Equal(model.Select(e => (e.Key, e.Value)), content.Items.Select(i => (i.Key, Encoding.UTF8.GetString(i.Value.Span))));
        }
    }

    private static string Text(KeyValueResult result) => Encoding.UTF8.GetString(result.Value.Span);

    private static (KeyValueOutcome Outcome, long Version) Outcome(KeyValueResult result) => (result.Outcome, result.Version);

    private KeyValueResult Get(string key) => _service.KeyValue(KeyValueOperation.Get(key));

    private KeyValueResult Put(string key, string value, long? ifVersion = null) =>
        _service.KeyValue(KeyValueOperation.Put(key, Encoding.UTF8.GetBytes(value), ifVersion));

    private KeyValueResult Delete(string key, long? ifVersion = null) => _service.KeyValue(KeyValueOperation.Delete(key, ifVersion));

    private KeyValueResult Increment(string key, long by) => _service.KeyValue(KeyValueOperation.Increment(key, by));

    private KeyValueResult Range(string prefix, string? after = null, int limit = 100) =>
        _service.KeyValue(KeyValueOperation.Range(prefix, after, limit));

    private string Rejection(byte[] operation) => Assert.Throws<OperationRejectedException>(() => _service.Apply(operation)).Message;

    /// <summary>A result buffer without room, as the protocol's is for a result beyond the limit.</summary>
    private sealed class NoRoom : IBufferWriter<byte>
    {
        public void Advance(int count) => throw new InsufficientMemoryException();

        public Memory<byte> GetMemory(int sizeHint = 0) => new byte[Math.Max(sizeHint, 1)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
