using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>The services that can be named in configuration (Pbft:Service).</summary>
public static class ServiceCatalog
{
    /// <summary>The name of <see cref="Services.KeyValueStore"/>, the default.</summary>
    public const string KeyValueStore = nameof(Services.KeyValueStore);

    /// <summary>The name of <see cref="Services.Counter"/>.</summary>
    public const string Counter = nameof(Services.Counter);

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [KeyValueStore, Counter];

    /// <summary>Makes a new, empty service: one for each replica.</summary>
    /// <exception cref="ArgumentException">There is no service of that name; the message lists those there are.</exception>
    public static IStateMachine Create(string name) => name switch
    {
        KeyValueStore => new KeyValueStore(),
        Counter => new Counter(),
        _ => throw new ArgumentException($"There is no service \"{name}\". Choose one of: {string.Join(", ", Names)}.", nameof(name)),
    };
}
