using System.Text;
using FsCheck.Fluent;
using OrleansPbft.Tests;

namespace OrleansPbft.Services.Tests;

/// <summary>The key-value store against a dictionary that keeps values and versions: every outcome of every step, conditions included.</summary>
public sealed class KeyValueStoreProperties
{
    private enum Verb
    {
        Get,
        Put,
        Delete,
        Increment,
    }

    [Fact]
    public void Every_outcome_is_that_of_a_dictionary_with_versions()
    {
        var step = from verb in Gen.Elements(Verb.Get, Verb.Put, Verb.Put, Verb.Delete, Verb.Increment)
                   from key in Gen.Choose(0, 5)
                   from value in Gen.Elements("7", "-1", "text", "9223372036854775807")
                   from condition in Gen.Choose(0, 8)
                   select new Step(verb, $"key {key}", value, condition switch { 0 => 0, 1 => long.MaxValue, 2 or 3 => null, _ => condition });
        var seen = new HashSet<KeyValueOutcome>();

        PropertyCheck.HoldsForSteps(step, steps =>
        {
            var service = new ServiceUnderTest(new KeyValueStore());
            var model = new Model();
            foreach (var next in steps)
            {
                var result = service.KeyValue(next.Encode());
                seen.Add(result.Outcome);
                Assert.Equal(model.Apply(next), (result.Outcome, result.Version, Encoding.UTF8.GetString(result.Value.Span)));
            }

            var all = service.KeyValue(KeyValueOperation.Range("", limit: KeyValueStore.RangeItemsMax)).Items;
            Assert.Equal(model.Entries, all.Select(static item => (item.Key, Encoding.UTF8.GetString(item.Value.Span), item.Version)));
        });

        Assert.Equal(Enum.GetValues<KeyValueOutcome>().Except([KeyValueOutcome.None, KeyValueOutcome.Range]), seen.Order());
    }

    private sealed record Step(Verb Verb, string Key, string Value, long? IfVersion)
    {
        public byte[] Encode() => Verb switch
        {
            Verb.Get => KeyValueOperation.Get(Key),
            Verb.Put => KeyValueOperation.Put(Key, Encoding.UTF8.GetBytes(Value), IfVersion),
            Verb.Delete => KeyValueOperation.Delete(Key, IfVersion),
            _ => KeyValueOperation.Increment(Key, by: 5),
        };
    }

    private sealed class Model
    {
        private readonly Dictionary<string, (string Value, long Version)> _entries = [];
        private long _revision;

        public IEnumerable<(string Key, string Value, long Version)> Entries =>
            _entries.OrderBy(static e => e.Key, StringComparer.Ordinal).Select(static e => (e.Key, e.Value.Value, e.Value.Version));

        public (KeyValueOutcome Outcome, long Version, string Value) Apply(Step step)
        {
            var exists = _entries.TryGetValue(step.Key, out var entry);
            switch (step.Verb)
            {
                case Verb.Get:
                    return exists ? (KeyValueOutcome.Found, entry.Version, entry.Value) : (KeyValueOutcome.NotFound, 0, "");
                case Verb.Put or Verb.Delete when step.IfVersion is { } expected && expected != entry.Version:
                    return (KeyValueOutcome.VersionMismatch, entry.Version, "");
                case Verb.Put:
                    return (KeyValueOutcome.Written, Write(step.Key, step.Value), "");
                case Verb.Delete when !exists:
                    return (KeyValueOutcome.NotFound, 0, "");
                case Verb.Delete:
                    _revision++;
                    _entries.Remove(step.Key);
                    return (KeyValueOutcome.Deleted, entry.Version, "");
            }

            if (!long.TryParse(entry.Value ?? "0", out var number)) return (KeyValueOutcome.NotANumber, entry.Version, "");
            if (number > long.MaxValue - 5) return (KeyValueOutcome.Overflow, entry.Version, "");
            var sum = (number + 5).ToString();
            return (KeyValueOutcome.Written, Write(step.Key, sum), sum);
        }

        private long Write(string key, string value)
        {
            _entries[key] = (value, ++_revision);
            return _revision;
        }
    }
}
