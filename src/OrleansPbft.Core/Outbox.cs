using System.Runtime.InteropServices;

namespace OrleansPbft.Core;

/// <summary>The effects of one step, in the order the host must perform them.</summary>
/// <remarks>The host owns it, drains it and reuses it. Order is the contract: what is persisted comes before what relies on it.</remarks>
public sealed class Outbox
{
    private readonly List<Effect> _effects = new(capacity: 32);

    /// <summary>The effects so far, in order. Valid until the next step or <see cref="Clear"/>.</summary>
    public ReadOnlySpan<Effect> Effects => CollectionsMarshal.AsSpan(_effects);

    /// <summary>How many effects there are.</summary>
    public int Count => _effects.Count;

    /// <summary>Forgets all effects, keeping the room.</summary>
    public void Clear() => _effects.Clear();

    internal void Add(in Effect effect) => _effects.Add(effect);
}
