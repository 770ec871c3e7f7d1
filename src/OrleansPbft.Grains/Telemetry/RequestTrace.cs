using System.Diagnostics;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>The trace of a request that waits.</summary>
/// <param name="Context">Its parent, or the trace that it begins here.</param>
/// <param name="TraceParent">The same as it came; null where it begins here.</param>
/// <param name="Arrived">When it came.</param>
internal readonly record struct RequestTrace(ActivityContext Context, string? TraceParent, Instant Arrived);
