using GenAI.Chats.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Tls;

/// <summary>Checks <see cref="TlsOptions"/> at startup, including the files that they name.</summary>
internal sealed class TlsOptionsValidator(IConfiguration configuration) : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        if (options.Certificate is null)
        {
            return options is { Key: null, ClientCa: null }
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(
                    SettingsCheck.Describe(Key(nameof(options.Certificate)), null, $"a PEM certificate, because other {TlsOptions.SectionName} settings are set"));
        }

        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            return ValidateOptionsResult.Fail(SettingsCheck.Describe(
                Key(nameof(options.Certificate)), options.Certificate, "no value, because Kestrel:Endpoints is set; configure TLS there"));
        }

        try
        {
            _ = TlsFiles.Read(options);
            return ValidateOptionsResult.Success;
        }
        catch (InvalidDataException invalid)
        {
            return ValidateOptionsResult.Fail(invalid.Message);
        }
    }

    /// <summary>Returns the key of a setting.</summary>
    public static string Key(string setting) => $"{TlsOptions.SectionName}:{setting}";
}
