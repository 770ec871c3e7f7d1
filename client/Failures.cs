using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole;

/// <summary>Makes a result of whatever keeps a verb from its answer. The one place where failures become exit codes.</summary>
internal static class Failures
{
    /// <summary>The result of a failure that a user can meet; null for one that is ours to mend.</summary>
    public static VerbResult? Describe(Exception exception) => exception switch
    {
        PbftTimeoutException timeout => Of(ExitCode.NoQuorum, "no-quorum", timeout),
        PbftBusyException busy => Of(ExitCode.Busy, "busy", busy),
        PbftOperationException { Status: Core.OperationStatus.Rejected } rejected => Of(ExitCode.Failure, "rejected", rejected),
        PbftOperationException failed => Of(ExitCode.Failure, "failed", failed),
        PbftConnectionException unreachable => Of(ExitCode.Failure, "unreachable", unreachable),
        PbftSessionLostException lost => Of(ExitCode.Failure, "session-lost", lost),
        PbftResultDroppedException dropped => Of(ExitCode.Failure, "result-dropped", dropped),
        PbftException other => Of(ExitCode.Failure, "faulty-cluster", other),
        UsageException usage => VerbResult.Error(ExitCode.Usage, "usage", usage.Message),
        ArgumentException refused => VerbResult.Error(ExitCode.Usage, "usage", WithoutParameter(refused)),
        FileNotFoundException missing => VerbResult.Error(ExitCode.Failure, "file", missing.Message),
        IOException file => VerbResult.Error(ExitCode.Failure, "file", file.Message),
        UnauthorizedAccessException file => VerbResult.Error(ExitCode.Failure, "file", file.Message),
        OperationCanceledException => VerbResult.Error(
            ExitCode.Failure, "stopped", "Stopped. What was sent may be executed all the same.", ("mayHaveExecuted", true)),
        _ => null,
    };

    private static VerbResult Of(int exitCode, string code, PbftException failure) =>
        VerbResult.Error(exitCode, code, failure.Message, ("mayHaveExecuted", failure.MayHaveExecuted));

    private static string WithoutParameter(ArgumentException refused) =>
        refused.ParamName is null ? refused.Message : refused.Message.Replace($" (Parameter '{refused.ParamName}')", "", StringComparison.Ordinal);
}
