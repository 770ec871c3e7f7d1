using System.Globalization;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>Words how far one phase of a benchmark is. Fed at even intervals; its rate is that of the last second, so that it does not flicker.</summary>
/// <param name="phase">What is going on.</param>
/// <param name="duration">How long it takes in all; null when that many operations end it.</param>
/// <param name="operations">How many operations it takes in all; null when it is the time that ends it.</param>
internal sealed class ProgressLine(string phase, TimeSpan? duration, long? operations)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Queue<(TimeSpan At, long Operations)> _samples = new([(TimeSpan.Zero, 0)]);

    /// <summary>The line at one moment, later than those before.</summary>
    /// <param name="elapsed">Since the phase began.</param>
    /// <param name="done">Operations that were answered since.</param>
    /// <param name="failed">Errors since.</param>
    public string At(TimeSpan elapsed, long done, long failed)
    {
        // Invariant: all samples but the oldest are younger than the window.
        _samples.Enqueue((elapsed, done));
        while (_samples.Count > 2 && elapsed - _samples.ElementAt(1).At >= Window) _samples.Dequeue();
        var oldest = _samples.Peek();
        var seconds = (elapsed - oldest.At).TotalSeconds;
        var rate = seconds > 0 ? (done - oldest.Operations) / seconds : 0;
        var ofTime = duration is { } end ? string.Create(CultureInfo.InvariantCulture, $" of {end.TotalSeconds:F1}") : "";
        var ofOperations = operations is { } all ? string.Create(CultureInfo.InvariantCulture, $" of {all:N0}") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{phase} {elapsed.TotalSeconds:F1}{ofTime} s, {done:N0}{ofOperations} operations, {rate:N0} op/s now, {failed:N0} errors");
    }
}
