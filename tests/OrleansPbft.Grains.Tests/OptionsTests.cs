using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;
using OrleansPbft.Grains.Tests.Support;

namespace OrleansPbft.Grains.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Defaults_are_those_of_the_protocol_and_have_no_problem()
    {
        var options = Bind([]);

        var cluster = new ClusterSize(4);

        Assert.Equal(new ProtocolOptions { Cluster = cluster, Authentication = AuthenticationMode.Macs }, options.ToProtocolOptions() with { Cluster = cluster });
        Assert.Equal(4, options.Replicas);
        Assert.Equal("KeyValueStore", options.Service);
        Assert.False(options.Telemetry.Console);
        Assert.False(options.FaultInjection.Enabled);
    }

    [Theory]
    [InlineData("Development", null, true)]
    [InlineData("Development", "false", false)]
    [InlineData("Production", null, false)]
    [InlineData("Staging", null, false)]
    [InlineData("Production", "true", true)]
    public void Faults_on_purpose_are_enabled_in_development_unless_the_section_says_otherwise(string environment, string? setting, bool enabled)
    {
        var settings = new Dictionary<string, string?>();
        if (setting is not null) settings["Pbft:FaultInjection:Enabled"] = setting;

        Assert.Equal(enabled, Bind(settings, environment).FaultInjection.Enabled);
    }

    [Fact]
    public void Every_setting_reaches_the_protocol()
    {
        var options = Bind(new()
        {
            ["Pbft:Replicas"] = "7",
            ["Pbft:Authentication"] = "signatures",
            ["Pbft:SessionKeyLifetime"] = "00:10:00",
            ["Pbft:checkpointinterval"] = "8",
            ["Pbft:LogWindow"] = "32",
            ["Pbft:BatchMax"] = "100",
            ["Pbft:BatchBytesMax"] = "300000",
            ["Pbft:BatchDelayMax"] = "00:00:00.005",
            ["Pbft:Pipeline"] = "2",
            ["Pbft:SessionsMax"] = "10",
            ["Pbft:SessionWindow"] = "16",
            ["Pbft:SessionReplyBytesMax"] = "200000",
            ["Pbft:OperationsMax"] = "50",
            ["Pbft:RequestBytesMax"] = "100000",
            ["Pbft:ResultBytesMax"] = "90000",
            ["Pbft:PendingMax"] = "99",
            ["Pbft:PendingBytesMax"] = "1000000",
            ["Pbft:BusyRetryAfter"] = "00:00:01",
            ["Pbft:RequestTimeout"] = "00:00:03",
            ["Pbft:StatusInterval"] = "00:00:04",
            ["Pbft:HeartbeatInterval"] = "00:00:06",
            ["Pbft:ViewChangeTimeout"] = "00:00:07",
            ["Pbft:ViewChangeTimeoutMax"] = "00:00:08",
            ["Pbft:OrderingDelayMax"] = "00:00:02",
            ["Pbft:TimestampSkewMax"] = "00:00:05",
            ["Pbft:Telemetry:Console"] = "true",
            ["Pbft:Telemetry:SampleRatio"] = "0.5",
            ["Pbft:Client:Endpoint"] = "http://127.0.0.1:5080",
        });
        var expected = new ProtocolOptions
        {
            Cluster = options.ToProtocolOptions().Cluster,
            CheckpointInterval = 8,
            LogWindow = 32,
            BatchMax = 100,
            BatchBytesMax = 300_000,
            BatchDelayMax = TimeSpan.FromMilliseconds(5),
            Pipeline = 2,
            SessionsMax = 10,
            SessionWindow = 16,
            SessionReplyBytesMax = 200_000,
            OperationsMax = 50,
            RequestBytesMax = 100_000,
            ResultBytesMax = 90_000,
            PendingMax = 99,
            PendingBytesMax = 1_000_000,
            BusyRetryAfter = TimeSpan.FromSeconds(1),
            RequestTimeout = TimeSpan.FromSeconds(3),
            StatusInterval = TimeSpan.FromSeconds(4),
            HeartbeatInterval = TimeSpan.FromSeconds(6),
            ViewChangeTimeout = TimeSpan.FromSeconds(7),
            ViewChangeTimeoutMax = TimeSpan.FromSeconds(8),
            OrderingDelayMax = TimeSpan.FromSeconds(2),
            TimestampSkewMax = TimeSpan.FromSeconds(5),
        };

        Assert.Equal(7, options.ToProtocolOptions().Cluster.Replicas);
        Assert.Equal(expected, options.ToProtocolOptions() with { Cluster = expected.Cluster });
        Assert.Equal(TimeSpan.FromMinutes(10), options.SessionKeyLifetime);
        Assert.True(options.Telemetry.Console);
        Assert.Equal(0.5, options.Telemetry.SampleRatio);
    }

    [Fact]
    public void All_problems_are_listed_at_once()
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Bind(new()
        {
            ["Pbft:Replicas"] = "3",
            ["Pbft:Service"] = "KeyValue",
            ["Pbft:CheckpointIntervall"] = "128",
            ["Pbft:LogWindow"] = "200",
            ["Pbft:BatchMax"] = "many",
            ["Pbft:BatchDelayMax"] = "2 ms",
            ["Pbft:Pipeline"] = "0",
            ["Pbft:ClientTimeout"] = "00:00:00",
            ["Pbft:Telemetry:Console"] = "maybe",
            ["Pbft:Telemetry:Sample"] = "1",
            ["Pbft:FaultInjection:Enable"] = "true",
            ["Pbft:FaultInjection:Enabled"] = "perhaps",
            ["Pbft:Telemetry:SampleRatio"] = "1.5",
        }));

        string[] expected =
        [
            "Replicas (3) must be",
            "Service ('KeyValue') must be one of Counter, KeyValueStore, Register.",
            "Pbft:CheckpointIntervall is not a setting. Did you mean CheckpointInterval?",
            "LogWindow (200) must be at least twice",
            "Pbft:BatchMax ('many') must be a whole number.",
            "Pbft:BatchDelayMax ('2 ms') must be a time as hours:minutes:seconds.",
            "Pipeline (0) must be",
            "ClientTimeout (00:00:00) must be",
            "Pbft:Telemetry:Console ('maybe') must be true or false.",
            "Pbft:FaultInjection:Enable is not a setting. Did you mean Enabled?",
            "Pbft:FaultInjection:Enabled ('perhaps') must be true or false.",
            "Pbft:Telemetry:Sample is not a setting. Did you mean SampleRatio?",
            "Telemetry:SampleRatio (1.5) must be 0 to 1.",
        ];
        Assert.Equal(expected.Length, refusal.Failures.Count());
        Assert.All(expected, problem => Assert.Contains(refusal.Failures, failure => failure.StartsWith(problem, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("01:00:00", "false", "is a fault on purpose")]
    [InlineData("2.00:00:00", "true", "at most a day")]
    [InlineData("-2.00:00:00", "true", "at most a day")]
    [InlineData("-01:00:00", "true", null)]
    public void A_clock_is_off_only_on_purpose(string offset, string enabled, string? problem)
    {
        var settings = new Dictionary<string, string?> { ["Pbft:FaultInjection:ClockOffset"] = offset, ["Pbft:FaultInjection:Enabled"] = enabled };

        if (problem is null) Assert.Equal(-TimeSpan.FromHours(1), Bind(settings).FaultInjection.ClockOffset);
        else Assert.Contains(problem, Assert.Throws<OptionsValidationException>(() => Bind(settings)).Failures.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_with_a_bad_configuration_does_not_start()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestSilo.StartAsync(replicas: 2, configure: static options => options.SessionWindow = 0));

        Assert.Equal(2, refusal.Failures.Count());
    }

    [Fact]
    public async Task The_command_line_sets_what_the_section_does()
    {
        await using var silo = await TestSilo.StartAsync(replicas: 1, args: ["--Pbft:CheckpointInterval=5"]);

        Assert.Equal(5, silo.Cluster.Options.CheckpointInterval);
    }

    private static PbftOptions Bind(Dictionary<string, string?> settings, string environment = "Production")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.UseOrleans(static silo =>
        {
            silo.Services.AddPbftService(RegisterService.ServiceName, static _ => new RegisterService());
            silo.AddPbft();
        });
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<PbftOptions>>().Value;
    }
}
