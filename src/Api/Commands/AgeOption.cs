using System.CommandLine;

namespace GenAI.Chats.Api.Commands;

/// <summary>The option <c>--older-than AGE</c>.</summary>
internal static partial class AgeOption
{
    private const string Name = "--older-than";

    /// <summary>Creates the option.</summary>
    public static Option<TimeSpan?> Create() => new(Name)
    {
        Description = "Lists only chats that haven't changed for this long: 90s, 15m, 2h, 7d. With --state busy, queued, or running, the age is that of the first pending turn.",
        HelpName = "AGE",
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (Age().Match(text) is { Success: true, Groups: var parts })
            {
                var number = int.Parse(parts["number"].Value, CultureInfo.InvariantCulture);
                return parts["unit"].Value switch
                {
                    "s" => TimeSpan.FromSeconds(number),
                    "m" => TimeSpan.FromMinutes(number),
                    "h" => TimeSpan.FromHours(number),
                    _ => TimeSpan.FromDays(number),
                };
            }

            result.AddError($"Invalid value '{text}' for option '{Name}'. Expected: a number and a unit: 90s, 15m, 2h, 7d.");
            return null;
        },
    };

    // At most 20 years of days, so that no time before 1970 results.
    [GeneratedRegex(@"\A(?<number>[0-9]{1,4})(?<unit>[smhd])\z")]
    private static partial Regex Age();
}
