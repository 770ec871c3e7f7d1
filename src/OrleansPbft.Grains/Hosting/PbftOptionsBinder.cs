using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace OrleansPbft.Grains;

/// <summary>Reads the section <c>Pbft</c> into the options, and notes every unknown key and every value of the wrong type.</summary>
/// <remarks>The stock binder ignores a misspelt key, and stops at the first value it can not read.</remarks>
internal sealed class PbftOptionsBinder(IConfiguration configuration) : IConfigureOptions<PbftOptions>
{
    public void Configure(PbftOptions options) =>
        Bind(configuration.GetSection(PbftOptions.Section), options, options.ConfigurationProblems, PbftOptions.ClientSection);

    private static void Bind(IConfigurationSection section, object target, List<string> problems, string? foreignKey)
    {
        foreach (var child in section.GetChildren())
        {
            if (string.Equals(child.Key, foreignKey, StringComparison.OrdinalIgnoreCase)) continue;
            var property = Array.Find(
                target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance),
                candidate => string.Equals(candidate.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                problems.Add($"{child.Path} is not a setting.{Suggest(target.GetType(), child.Key)}");
            }
            else if (property.PropertyType == typeof(TelemetryOptions))
            {
                if (child.Value is { Length: > 0 }) problems.Add($"{child.Path} is a section, not a value.");
                Bind(child, property.GetValue(target)!, problems, foreignKey: null);
            }
            else
            {
                SetValue(child, target, property, problems);
            }
        }
    }

    private static void SetValue(IConfigurationSection child, object target, PropertyInfo property, List<string> problems)
    {
        if (child.Value is not { } text)
        {
            problems.Add($"{child.Path} must be {Describe(property.PropertyType)}, not a section.");
            return;
        }

        try
        {
            property.SetValue(target, TypeDescriptor.GetConverter(property.PropertyType).ConvertFromString(null, CultureInfo.InvariantCulture, text));
        }
        catch (Exception refusal) when (refusal is ArgumentException or FormatException or OverflowException or NotSupportedException)
        {
            // Type converters have no Try form; which of these they throw differs from type to type.
            problems.Add($"{child.Path} ('{text}') must be {Describe(property.PropertyType)}.");
        }
    }

    private static string Describe(Type type) =>
        type == typeof(int) ? "a whole number" :
        type == typeof(double) ? "a number" :
        type == typeof(bool) ? "true or false" :
        type == typeof(TimeSpan) ? "a time as hours:minutes:seconds" : "a text";

    private static string Suggest(Type type, string key)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.Name.StartsWith(key, StringComparison.OrdinalIgnoreCase) || key.StartsWith(property.Name, StringComparison.OrdinalIgnoreCase))
            {
                return $" Did you mean {property.Name}?";
            }
        }

        return "";
    }
}
