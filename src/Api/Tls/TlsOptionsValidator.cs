using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Tls;

/// <summary>Checks <see cref="TlsOptions"/> at start, with the files that they name. Each message names the key, its value and the rule.</summary>
internal sealed class TlsOptionsValidator(IConfiguration configuration) : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        if (options.Certificate is null)
        {
            return options is { Key: null, ClientCa: null }
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"{Key(nameof(options.Certificate))} is not set; it must be where others of {TlsOptions.SectionName} are.");
        }

        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            return ValidateOptionsResult.Fail($"{Key(nameof(options.Certificate))} is {options.Certificate}; it must be unset where Kestrel:Endpoints is set, which has settings of its own.");
        }

        try
        {
            _ = TlsFiles.Read(options);
            return ValidateOptionsResult.Success;
        }
        catch (InvalidDataException wrong)
        {
            return ValidateOptionsResult.Fail(wrong.Message);
        }
    }

    /// <summary>A setting's key.</summary>
    public static string Key(string setting) => $"{TlsOptions.SectionName}:{setting}";
}
