using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.ClientConsole.Tests;

public sealed class FailuresTests
{
    public static TheoryData<Exception, int, string> Known => new()
    {
        { new PbftTimeoutException("late", true), ExitCode.NoQuorum, "no-quorum" },
        { new PbftBusyException("busy", TimeSpan.FromSeconds(1), true), ExitCode.Busy, "busy" },
        { new PbftOperationException(OperationStatus.Rejected, "no"), ExitCode.Failure, "rejected" },
        { new PbftOperationException(OperationStatus.Failed, "broken"), ExitCode.Failure, "failed" },
        { new PbftConnectionException("nobody", false), ExitCode.Failure, "unreachable" },
        { new PbftFaultyClusterException("liars"), ExitCode.Failure, "faulty-cluster" },
        { new PbftRefusedException(403, "faults-disabled", "no"), ExitCode.Failure, "faults-disabled" },
        { new PbftRefusedException(404, "not-found", "no such replica"), ExitCode.NotFound, "not-found" },
        { new PbftRefusedException(400, "unknown-mode", "no such mode"), ExitCode.Usage, "unknown-mode" },
        { new UsageException("wrong"), ExitCode.Usage, "usage" },
        { new ArgumentException("too long", "operations"), ExitCode.Usage, "usage" },
        { new FileNotFoundException("no file"), ExitCode.Failure, "file" },
        { new OperationCanceledException(), ExitCode.Failure, "stopped" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void A_failure_has_one_exit_code_one_name_and_one_sentence(Exception failure, int exitCode, string code)
    {
        var result = Failures.Describe(failure);

        Assert.NotNull(result);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(code, result.Json["error"]!["code"]!.GetValue<string>());
        Assert.Equal(result.Text, result.Json["error"]!["message"]!.GetValue<string>());
        Assert.DoesNotContain("Parameter", result.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', result.Text);
    }

    [Fact]
    public void What_is_ours_to_mend_is_not_dressed_up() => Assert.Null(Failures.Describe(new InvalidOperationException("a bug")));

    [Fact]
    public void What_others_wrote_can_not_steer_the_terminal()
    {
        Assert.Equal("\\u001b[2Jred\\u0007\\u009b", VerbResult.Printable("\u001b[2Jred\a\u009b"));
        Assert.Equal("plain\ttext\nof two lines ü", VerbResult.Printable("plain\ttext\nof two lines ü"));
    }
}
