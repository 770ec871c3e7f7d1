using Microsoft.Extensions.Options;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Grains;

/// <summary>Finds every problem of the section <c>Pbft</c> at once, so that a person corrects the file once.</summary>
internal sealed class PbftOptionsValidator(IEnumerable<StateMachineRegistration> services) : IValidateOptions<PbftOptions>
{
    public ValidateOptionsResult Validate(string? name, PbftOptions options)
    {
        var problems = new List<string>(options.ConfigurationProblems);
        var isCluster = options.Replicas is 1 or (>= 4 and <= ClusterSize.ReplicasMax);
        Require(isCluster, $"Replicas ({options.Replicas}) must be 4 to {ClusterSize.ReplicasMax}, or 1 for development.");

        // No other rule depends on n; with a wrong one the rest is still checked, for the smallest real cluster.
        problems.AddRange(options.WithCluster(new(isCluster ? options.Replicas : 4)).Problems());

        var known = services.Select(static service => service.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        Require(
            known.Contains(options.Service, StringComparer.Ordinal),
            $"Service ('{options.Service}') must be one of {string.Join(", ", known)}.");
        Require(
            options.ClientTimeout > TimeSpan.Zero && options.ClientTimeout <= TimeSpan.FromHours(1),
            $"ClientTimeout ({options.ClientTimeout}) must be above 0, and at most 1 h.");
        Require(
            options.Durability == Durability.None || options.JournalDirectory.Trim().Length > 0,
            $"JournalDirectory must name a directory, since Durability is {options.Durability}.");
        problems.AddRange(new SessionKeyOptions { Lifetime = options.SessionKeyLifetime }.Problems());
        Require(
            options.Telemetry.SampleRatio is >= 0 and <= 1,
            $"Telemetry:SampleRatio ({options.Telemetry.SampleRatio}) must be 0 to 1.");
        var offset = options.FaultInjection.ClockOffset;
        Require(
            offset >= -FaultInjectionOptions.ClockOffsetMax && offset <= FaultInjectionOptions.ClockOffsetMax,
            $"FaultInjection:ClockOffset ({offset}) must be at most a day, ahead or behind.");
        Require(
            offset == TimeSpan.Zero || options.FaultInjection.Enabled,
            $"FaultInjection:ClockOffset ({offset}) is a fault on purpose: it needs FaultInjection:Enabled to be true.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Require(bool holds, string problem)
        {
            if (!holds) problems.Add(problem);
        }
    }
}
