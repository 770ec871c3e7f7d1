namespace OrleansPbft.ClientConsole.Tests;

public sealed class SeenNamesTests
{
    [Fact]
    public void Keys_are_kept_once_each_and_the_oldest_go()
    {
        var seen = new SeenNames();
        for (var i = 0; i < SeenNames.KeysMax + 2; i++) seen.SeeKey($"k{i}");
        seen.SeeKey("k5");

        Assert.Equal(SeenNames.KeysMax, seen.Keys.Count);
        Assert.DoesNotContain("k1", seen.Keys);
        Assert.Single(seen.Keys, "k5");
        seen.SeeKey("k1");
        Assert.Contains("k1", seen.Keys);
    }

    [Fact]
    public void Replicas_have_ids_once_their_number_is_known()
    {
        var seen = new SeenNames();
        Assert.Empty(seen.ReplicaIds);
        seen.Replicas = 4;
        Assert.Equal(["0", "1", "2", "3"], seen.ReplicaIds);
    }
}
