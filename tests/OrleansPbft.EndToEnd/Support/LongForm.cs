using System.Globalization;

namespace OrleansPbft.EndToEnd;

/// <summary>How long the tests with real faults go on: seconds in CI, as long as the environment says elsewhere (CONTRIBUTING).</summary>
internal static class LongForm
{
    /// <summary><c>PBFT_CRASH_ROUNDS</c>: how often everything is killed, stopped and cut.</summary>
    public static int Rounds { get; } = Number("PBFT_CRASH_ROUNDS", otherwise: 1);

    /// <summary><c>PBFT_CRASH_SEED</c>: what the rounds after the first are drawn from.</summary>
    public static int Seed { get; } = Number("PBFT_CRASH_SEED", otherwise: 1);

    /// <summary><c>PBFT_PAUSE_SECONDS</c>: how long a process stands still after the others have noticed.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromSeconds(Number("PBFT_PAUSE_SECONDS", otherwise: 0));

    /// <summary>Tells how far a long run is, in the file that <c>PBFT_CRASH_LOG</c> names; nothing where it names none.</summary>
    public static void Tell(string line)
    {
        if (Environment.GetEnvironmentVariable("PBFT_CRASH_LOG") is { Length: > 0 } file) File.AppendAllText(file, $"{DateTime.Now:HH:mm:ss} {line}\n");
    }

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
