using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>How many requests an open loop begins in a second: so many, or so many times what a closed loop was just measured to get through.</summary>
/// <param name="Value">The number.</param>
/// <param name="IsMultiple">Whether it is of what the cluster can do.</param>
internal readonly record struct OpenLoopRate(double Value, bool IsMultiple)
{
    /// <summary>The most there can be.</summary>
    public const double Max = 1e7;

    /// <summary>Reads <c>5x</c> or <c>20000</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out OpenLoopRate? rate)
    {
        var isMultiple = text.EndsWith('x');
        rate = double.TryParse(isMultiple ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= Max
            ? new(value, isMultiple)
            : null;
        return rate is not null;
    }

    /// <summary>Requests in a second, of all clients together.</summary>
    public double PerSecond(double capacity) => IsMultiple ? Value * capacity : Value;
}
