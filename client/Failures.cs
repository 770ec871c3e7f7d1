using System.Security.Cryptography;
using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole;

/// <summary>Makes a result of whatever keeps a verb from its answer. The one place where failures become exit codes.</summary>
internal static class Failures
{
    /// <summary>The result of a failure that a user can meet; null for one that is ours to mend.</summary>
    public static VerbResult? Describe(Exception exception) => exception switch
    {
        PbftTimeoutException timeout => Of(ExitCode.NoQuorum, timeout),
        PbftBusyException busy => Of(ExitCode.Busy, busy),
        PbftRefusedException { Status: 404 } missing => Of(ExitCode.NotFound, missing),
        PbftRefusedException { Status: 400 } refused => Of(ExitCode.Usage, refused),
        PbftException other => Of(ExitCode.Failure, other),
        UsageException usage => VerbResult.Error(ExitCode.Usage, "usage", usage.Message),
        ArgumentException refused => VerbResult.Error(ExitCode.Usage, "usage", WithoutParameter(refused)),
        FileNotFoundException missing => VerbResult.Error(ExitCode.Failure, "file", missing.Message),
        IOException file => VerbResult.Error(ExitCode.Failure, "file", file.Message),
        InvalidDataException content => VerbResult.Error(ExitCode.Failure, "file", content.Message),
        CryptographicException key => VerbResult.Error(ExitCode.Failure, "key", key.Message),
        UnauthorizedAccessException file => VerbResult.Error(ExitCode.Failure, "file", file.Message),
        OperationCanceledException => VerbResult.Error(
            ExitCode.Failure, "stopped", "Stopped. What was sent may be executed all the same.", ("mayHaveExecuted", true)),
        _ => null,
    };

    private static VerbResult Of(int exitCode, PbftException failure) =>
        VerbResult.Error(exitCode, failure.Code, failure.Message, ("mayHaveExecuted", failure.MayHaveExecuted));

    private static string WithoutParameter(ArgumentException refused) =>
        refused.ParamName is null ? refused.Message : refused.Message.Replace($" (Parameter '{refused.ParamName}')", "", StringComparison.Ordinal);
}
