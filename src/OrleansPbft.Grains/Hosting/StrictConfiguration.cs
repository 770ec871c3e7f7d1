using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace OrleansPbft.Grains;

/// <summary>Reads a section of the configuration into options, and notes every unknown key and every value of the wrong type.</summary>
/// <remarks>The stock binder ignores a misspelt key, and stops at the first value it can not read.</remarks>
public static class StrictConfiguration
{
    /// <summary>Sets the properties of <paramref name="target"/> that the section names; the others keep their values.</summary>
    /// <param name="section">The section. A missing one sets nothing.</param>
    /// <param name="target">Options with public properties; those that are no values are sections of their own.</param>
    /// <param name="problems">Takes a sentence for each problem, for the person who wrote the configuration.</param>
    /// <param name="foreignSections">Sections under this one that belong to others.</param>
    public static void Bind(IConfigurationSection section, object target, ICollection<string> problems, params ReadOnlySpan<string> foreignSections)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(problems);
        foreach (var child in section.GetChildren())
        {
            if (foreignSections.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) continue;
            var property = Array.Find(
                target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance),
                candidate => string.Equals(candidate.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                problems.Add($"{child.Path} is not a setting.{Suggest(target.GetType(), child.Key)}");
            }
            else if (IsSection(property.PropertyType))
            {
                if (child.Value is { Length: > 0 }) problems.Add($"{child.Path} is a section, not a value.");
                Bind(child, property.GetValue(target)!, problems);
            }
            else
            {
                SetValue(child, target, property, problems);
            }
        }
    }

    private static bool IsSection(Type type) => type.IsClass && type != typeof(string);

    private static void SetValue(IConfigurationSection child, object target, PropertyInfo property, ICollection<string> problems)
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
        type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type)) :
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
