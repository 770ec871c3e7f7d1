namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>What most say.</summary>
internal static class Plurality
{
    /// <summary>The value given most often; of those given equally often, the one given first. 0, the default, where there is none.</summary>
    public static T Of<T>(IEnumerable<T> values)
        where T : struct =>
        values.GroupBy(static value => value).OrderByDescending(static group => group.Count()).Select(static group => group.Key).FirstOrDefault();
}
