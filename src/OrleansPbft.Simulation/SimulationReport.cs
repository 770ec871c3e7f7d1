using System.Globalization;
using System.Text;

namespace OrleansPbft.Simulation;

/// <summary>How often a run, or a sweep of runs, came across each <see cref="Mark"/>: what shows that it was not vacuous.</summary>
public sealed class SimulationReport : IEquatable<SimulationReport>
{
    private readonly long[] _marks = new long[Enum.GetValues<Mark>().Length];

    /// <summary>How often a mark was come across.</summary>
    public long this[Mark mark] => _marks[(int)mark];

    /// <summary>How long the run lasted in its own time; in a sweep, all runs together.</summary>
    public TimeSpan Elapsed { get; internal set; }

    /// <summary>How many events happened.</summary>
    public long Events { get; internal set; }

    /// <summary>A hash of everything that was delivered, in order: equal runs, equal hashes.</summary>
    public ulong TraceHash { get; internal set; }

    /// <summary>The marks that can be come across: those of journals only where journals were kept, those of MACs only where there were any.</summary>
    public IReadOnlyList<Mark> Expected =>
        [.. Enum.GetValues<Mark>().Where(mark => mark.IsOfMacs() ? this[Mark.RunsWithMacs] > 0 : mark < Mark.DurableRuns || this[Mark.DurableRuns] > 0)];

    /// <summary>The marks among them that were not.</summary>
    public IReadOnlyList<Mark> Missing => [.. Expected.Where(mark => this[mark] == 0)];

    /// <summary>Adds another run's counts to these. The order in which runs are added does not matter.</summary>
    public void Add(SimulationReport run)
    {
        ArgumentNullException.ThrowIfNull(run);
        for (var i = 0; i < _marks.Length; i++) _marks[i] += run._marks[i];
        Elapsed += run.Elapsed;
        Events += run.Events;
        TraceHash += run.TraceHash;
    }

    /// <inheritdoc/>
    public bool Equals(SimulationReport? other) =>
        other is not null && _marks.AsSpan().SequenceEqual(other._marks) &&
        Elapsed == other.Elapsed && Events == other.Events && TraceHash == other.TraceHash;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SimulationReport);

    /// <inheritdoc/>
    public override int GetHashCode() => TraceHash.GetHashCode();

    /// <summary>One line for each mark.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Events} events in {Elapsed.TotalSeconds:0.0} simulated seconds, trace {TraceHash:x16}");
        foreach (var mark in Expected) text.AppendLine(CultureInfo.InvariantCulture, $"  {mark,-26} {this[mark],10}");
        return text.ToString();
    }

    internal void Count(Mark mark, long times = 1) => _marks[(int)mark] += times;
}
