using System.Buffers.Binary;
using System.Text;
using FsCheck.Fluent;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>K-2: the root follows from the content alone, and keeping it costs what changed.</summary>
public sealed class MerkleMapTests
{
    [Fact]
    public void An_empty_map_has_the_zero_root_again_after_everything_is_removed()
    {
        var map = new MerkleMap();
        Assert.Equal(Digest.Zero, map.Root);
        for (var i = 0; i < 100; i++) Set(map, i, i);
        Assert.NotEqual(Digest.Zero, map.Root);

        for (var i = 0; i < 100; i++) Assert.True(map.Remove(Digest.Of(Key(i))));

        Assert.Equal((Digest.Zero, 0), (map.Root, map.Count));
    }

    /// <summary>Whatever the history, equal content has equal roots: 200 random histories against a map filled in order.</summary>
    [Fact]
    public void The_root_follows_from_the_content_alone()
    {
        for (var seed = 0; seed < PropertyCheck.Rounds(200); seed++)
        {
            var random = new Random(seed);
            var map = new MerkleMap();
            var model = new SortedDictionary<int, int>();
            var keys = 1 + random.Next(300);
            for (var step = 0; step < 600; step++)
            {
                var key = random.Next(keys);
                if (random.Next(3) == 0)
                {
                    Assert.Equal(model.Remove(key), map.Remove(Digest.Of(Key(key))));
                }
                else
                {
                    model[key] = random.Next(5);
                    Set(map, key, model[key]);
                }

                if (random.Next(20) == 0) _ = map.Root; // hashing in between must not matter
            }

            var fresh = new MerkleMap();
            foreach (var (key, value) in model) Set(fresh, key, value);
            Assert.Equal((fresh.Root, model.Count), (map.Root, map.Count));
        }
    }

    /// <summary>Keys that differ in their last digits only, as an attacker would want them: buckets split and join as deep as digests go.</summary>
    [Fact]
    public void Keys_with_a_long_common_prefix_are_kept_apart()
    {
        var step = from key in Gen.Choose(0, 299)
                   from value in Gen.Choose(-2, 3)
                   select (key, value);

        PropertyCheck.HoldsForSteps(Gen.ArrayOf(step), runs =>
        {
            var map = new MerkleMap();
            var model = new Dictionary<int, int>();
            foreach (var (key, value) in runs.SelectMany(static run => run))
            {
                if (value < 0)
                {
                    Assert.Equal(model.Remove(key), map.Remove(Deep(key)));
                    continue;
                }

                model[key] = value;
                map.Set(Leaf.Of(Deep(key), value));
                if (value == 0) _ = map.Root;
            }

            var fresh = new MerkleMap();
            foreach (var (key, value) in model.OrderByDescending(static e => e.Key)) fresh.Set(Leaf.Of(Deep(key), value));
            Assert.Equal((fresh.Root, model.Count), (map.Root, map.Count));
        }, tests: 50);

        static Digest Deep(int key)
        {
            Span<byte> bytes = stackalloc byte[Digest.Bytes];
            BinaryPrimitives.WriteInt32BigEndian(bytes[^4..], key);
            return new(bytes);
        }
    }

    [Fact]
    public void Any_difference_in_content_shows_in_the_root()
    {
        var roots = new HashSet<Digest>();
        for (var size = 0; size <= 40; size++)
        {
            var map = new MerkleMap();
            for (var i = 0; i < size; i++) Set(map, i, 0);
            Assert.True(roots.Add(map.Root));
            for (var i = 0; i < size; i++)
            {
                Set(map, i, 1);
                Assert.True(roots.Add(map.Root), $"value {i} of {size} does not show");
                Set(map, i, 0);
            }
        }
    }

    /// <summary>A value that looks like another entry, and a key that looks like a digest, are nothing special.</summary>
    [Fact]
    public void Keys_and_values_can_not_be_mistaken_for_each_other()
    {
        var one = new MerkleMap();
        one.Set(new Leaf(Digest.Of("a"u8), Digest.Of("b"u8)));
        var other = new MerkleMap();
        other.Set(new Leaf(Digest.Of("b"u8), Digest.Of("a"u8)));

        Assert.NotEqual(one.Root, other.Root);
        Assert.NotEqual(one.Root, Digest.Of("b"u8));
    }

    /// <summary>One change among 100 000 entries hashes one path, not the state.</summary>
    [Fact]
    public void One_change_costs_one_path()
    {
        PropertyCheck.NeedsLargeInput();
        var map = new MerkleMap();
        for (var i = 0; i < 100_000; i++) Set(map, i, 0);
        var before = map.Root;
        var hashed = map.HashesComputed;

        Set(map, 77_777, 1);

        Assert.NotEqual(before, map.Root);
        Assert.InRange(map.HashesComputed - hashed, 1, 8);
    }

    /// <summary>Many changes between two roots share the nodes above them: no node is hashed twice.</summary>
    [Fact]
    public void Changes_between_two_roots_share_their_paths()
    {
        var map = new MerkleMap();
        for (var i = 0; i < 1000; i++) Set(map, i, 0);
        _ = map.Root;
        var hashed = map.HashesComputed;

        for (var round = 1; round <= 10; round++)
        {
            for (var i = 0; i < 1000; i++) Set(map, i, round);
        }

        _ = map.Root;
        Assert.InRange(map.HashesComputed - hashed, 1, 1000);
    }

    [Fact]
    public void Asking_again_or_setting_the_same_value_changes_no_root()
    {
        var map = new MerkleMap();
        for (var i = 0; i < 1000; i++) Set(map, i, 0);
        var root = map.Root;

        var hashed = map.HashesComputed;

        Set(map, 5, 0);
        Assert.False(map.Remove(Digest.Of(Key(1000))));

        Assert.Equal(root, map.Root);
        Assert.Equal(hashed, map.HashesComputed); // what did not change was not even marked
    }

    /// <summary>Forks of forks, each changed on its own: none sees another's changes, and each is as if it had been filled alone.</summary>
    [Fact]
    public void A_fork_and_what_it_was_forked_from_go_their_own_ways()
    {
        for (var seed = 0; seed < PropertyCheck.Rounds(100); seed++)
        {
            var random = new Random(seed);
            var maps = new List<(MerkleMap Map, Dictionary<int, int> Model)> { (new(), []) };
            for (var step = 0; step < 1500; step++)
            {
                var (map, model) = maps[random.Next(maps.Count)];
                var key = random.Next(400);
                if (step % 250 == 249) maps.Add((map.Fork(), new(model)));
                else if (random.Next(3) == 0) Assert.Equal(model.Remove(key), map.Remove(Digest.Of(Key(key))));
                else Set(map, key, model[key] = random.Next(5));
            }

            foreach (var (map, model) in maps)
            {
                var fresh = new MerkleMap();
                foreach (var (key, value) in model) Set(fresh, key, value);
                Assert.Equal((fresh.Root, fresh.Count), (map.Root, map.Count));
            }
        }
    }

    /// <summary>Every place of a map has the digest that its leaves alone have there, whether or not a node begins at it.</summary>
    [Fact]
    public void The_digest_at_a_place_follows_from_what_is_there_alone()
    {
        var map = new MerkleMap();
        for (var i = 0; i < 500; i++) Set(map, i, i % 7);
        foreach (var leaf in PropertyCheck.Cases(map.LeavesAt(0, default)))
        {
            for (var depth = 0; depth < 6; depth++)
            {
                var place = leaf.KeyDigest.Prefix(depth);
                var alone = new MerkleMap();
                foreach (var other in map.LeavesAt(depth, place)) alone.Set(other);
                Assert.Contains(leaf, map.LeavesAt(depth, place));
                Assert.Equal(alone.DigestAt(depth, place), map.DigestAt(depth, place));
                if (map.NodeAt(depth, place) is { } node) Assert.Equal((alone.Count, (long)alone.Count), (node.Count, node.EncodedBytes));
            }
        }

        Assert.Equal(map.Root, map.DigestAt(0, default));
        Assert.Equal(Digest.Zero, map.DigestAt(6, Digest.Of("nothing is here"u8).Prefix(6)));
    }

    /// <summary>A part of one map put in the place of another's: there they are equal, elsewhere nothing changed.</summary>
    [Fact]
    public void Replacing_a_place_changes_that_place_alone()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var (one, other) = (new MerkleMap(), new MerkleMap());
            for (var i = random.Next(300); i > 0; i--) Set(one, random.Next(300), random.Next(3));
            for (var i = random.Next(300); i > 0; i--) Set(other, random.Next(300), random.Next(3));
            var depth = random.Next(4);
            var place = Digest.Of([(byte)seed]).Prefix(depth);
            var elsewhere = one.LeavesAt(0, default).Where(leaf => leaf.KeyDigest.Prefix(depth) != place).ToArray();

            one.Replace(depth, place, other.LeavesAt(depth, place));

            Assert.Equal(other.DigestAt(depth, place), one.DigestAt(depth, place));
            Assert.Equal(elsewhere, one.LeavesAt(0, default).Where(leaf => leaf.KeyDigest.Prefix(depth) != place));
        }
    }

    private static void Set(MerkleMap map, int key, int value) => map.Set(Leaf.Of(Digest.Of(Key(key)), value));

    private static byte[] Key(int key) => Encoding.UTF8.GetBytes($"key {key}");
}
