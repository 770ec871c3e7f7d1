using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.Simulation.Generals;

/// <summary>What one loyal general came to know.</summary>
/// <param name="General">Its number, and that of its replica.</param>
/// <param name="Order">The order it proposed.</param>
/// <param name="Decision">What f + 1 replicas told it equally when it asked what was decided; null when it accepted no answer.</param>
/// <param name="Heard">What each replica told it then, in the order of their ids; null where nothing came.</param>
public sealed record GeneralReport(int General, string Order, KeyValueResult? Decision, IReadOnlyList<Reply?> Heard);
