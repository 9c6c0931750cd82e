using System.CommandLine;

namespace GenAI.Chats.Api.Commands;

/// <summary>The option <c>--tenant NAME</c>.</summary>
internal static class TenantOption
{
    private const string Name = "--tenant";

    /// <summary>Creates the option.</summary>
    public static Option<string> Create(string description, bool isRequired)
    {
        var option = new Option<string>(Name) { Description = description, HelpName = "NAME", Required = isRequired };
        option.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens.Where(static token => !TenantName.IsValid(token.Value)))
            {
                result.AddError($"Invalid value '{token.Value}' for option '{Name}'. Expected: {TenantName.Rule}.");
            }
        });
        return option;
    }
}
