using Microsoft.Extensions.Configuration;

namespace OrleansPbft.Telemetry.Tests;

/// <summary>An environment of a test's.</summary>
internal static class Variables
{
    /// <summary>One with these names, each with the value behind it.</summary>
    public static IConfiguration Of(params string[] namesAndValues) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(namesAndValues.Chunk(2).Select(static pair => KeyValuePair.Create(pair[0], (string?)pair[1])))
            .Build();
}
