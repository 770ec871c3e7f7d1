using OrleansPbft.Core;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Tests.Transcripts;

/// <summary>Every message takes one millisecond, but for what the script says of some.</summary>
internal sealed class ScriptedLinks : ILinks
{
    private static readonly TimeSpan Normal = TimeSpan.FromMilliseconds(1);

    private readonly List<(Func<int, int, MessageKind, bool> Applies, TimeSpan? Delay)> _rules = [];

    public void Lose(Func<int, int, MessageKind, bool> which) => _rules.Add((which, null));

    public void Delay(Func<int, int, MessageKind, bool> which, TimeSpan delay) => _rules.Add((which, delay));

    /// <summary>From here on nothing is lost or late.</summary>
    public void Heal() => _rules.Clear();

    public void Decide(int from, int to, ReadOnlyMemory<byte> envelope, List<Delivery> deliveries)
    {
        var kind = (MessageKind)envelope.Span[1];
        foreach (var (applies, delay) in _rules)
        {
            if (!applies(from, to, kind)) continue;
            if (delay is { } late) deliveries.Add(new(late, envelope));
            return;
        }

        deliveries.Add(new(Normal, envelope));
    }
}
