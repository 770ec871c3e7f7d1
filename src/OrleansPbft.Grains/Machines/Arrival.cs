using OrleansPbft.Core;

namespace OrleansPbft.Grains.Machines;

/// <summary>What reaches a machine: an authenticated message, or something its own host says.</summary>
/// <param name="Input">The message, or a tick.</param>
/// <param name="Update">What the replica tells its leader; null in everything else.</param>
/// <param name="TraceParent">The trace context that came with it.</param>
/// <param name="At">When it came in.</param>
/// <param name="Origin">Who handed it on, as <see cref="Envelope.Origin"/> says; 0 of what the host says.</param>
internal readonly record struct Arrival(Input Input, LeaderUpdate? Update, string? TraceParent, Instant At, int Origin = 0);
