using FsCheck.Fluent;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>The set that votes are counted in, against a set that is known to work.</summary>
public sealed class ReplicaSetTests
{
    [Fact]
    public void It_is_the_set_that_a_hash_set_is()
    {
        var step = from replica in Gen.Choose(0, ClusterSize.ReplicasMax - 1)
                   from adds in Gen.Elements(true, true, false)
                   select (Replica: new ReplicaId(replica), adds);

        PropertyCheck.HoldsForSteps(step, steps =>
        {
            var set = ReplicaSet.Empty;
            var model = new HashSet<int>();
            foreach (var (replica, adds) in steps)
            {
                set = adds ? set.With(replica) : set.Without(replica);
                if (adds) model.Add(replica.Index);
                else model.Remove(replica.Index);

                Assert.Equal((model.Count, adds), (set.Count, set.Contains(replica)));
            }

            Assert.Equal(model.Order(), set.ToIndexes());
            Assert.Equal(model, Enumerable.Range(0, ClusterSize.ReplicasMax).Where(i => set.Contains(new(i))).ToHashSet());
            Assert.Equal($"{{{string.Join(",", model.Order())}}}", set.ToString());
        });
    }

    [Fact]
    public void How_a_set_came_about_does_not_matter()
    {
        var input = from members in Gen.ArrayOf(Gen.Choose(0, ClusterSize.ReplicasMax - 1))
                    from shuffled in Gen.Shuffle(members)
                    select (members, shuffled);

        PropertyCheck.Holds(input, i => Assert.Equal(Of(i.members), Of(i.shuffled)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    public void The_first_n_are_n(int n) => Assert.Equal(Enumerable.Range(0, n), ReplicaSet.FirstN(n).ToIndexes());

    private static ReplicaSet Of(IEnumerable<int> members) => members.Aggregate(ReplicaSet.Empty, static (set, i) => set.With(new(i)));
}
