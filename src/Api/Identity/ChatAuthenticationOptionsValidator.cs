using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Identity.Jwt;
using GenAI.Chats.Api.Tls;

namespace GenAI.Chats.Api.Identity;

/// <summary>Checks <see cref="ChatAuthenticationOptions"/> at startup, including the files that they name.</summary>
internal sealed class ChatAuthenticationOptionsValidator(IOptions<TlsOptions> tls) : IValidateOptions<ChatAuthenticationOptions>
{
    private const string SchemesKey = $"{ChatAuthenticationOptions.SectionName}:{nameof(ChatAuthenticationOptions.Schemes)}";

    private const ChatAuthenticationSchemes All =
        ChatAuthenticationSchemes.ApiKeys | ChatAuthenticationSchemes.Jwt | ChatAuthenticationSchemes.ClientCertificates;

    public ValidateOptionsResult Validate(string? name, ChatAuthenticationOptions options)
    {
        var failures = new ValidateOptionsResultBuilder();
        if ((options.Schemes & ~All) != 0)
        {
            failures.AddError(SettingsCheck.Describe(SchemesKey, options.Schemes, "None, or a comma-separated list of ApiKeys, Jwt, ClientCertificates"));
        }

        Check(ChatAuthenticationSchemes.ApiKeys, ApiKeysOptions.SectionName, options.ApiKeys.IsSet, () => CheckKeys(options.ApiKeys, failures));
        Check(ChatAuthenticationSchemes.Jwt, JwtOptions.SectionName, options.Jwt.IsSet, () => JwtRules.Check(options.Jwt, failures));
        Check(
            ChatAuthenticationSchemes.ClientCertificates,
            ClientCertificateOptions.SectionName,
            options.ClientCertificates.IsSet,
            () => ClientCertificateRules.Check(options.ClientCertificates, tls.Value, failures));
        return failures.Build();

        // Settings of a scheme that isn't enabled suggest that somebody believes it is.
        void Check(ChatAuthenticationSchemes scheme, string section, bool isSet, Action check)
        {
            if (options.Schemes.HasFlag(scheme))
            {
                check();
            }
            else if (isSet)
            {
                failures.AddError(SettingsCheck.Describe(SchemesKey, options.Schemes, $"a list that includes {scheme}, because {section} is set"));
            }
        }
    }

    private static void CheckKeys(ApiKeysOptions options, ValidateOptionsResultBuilder failures)
    {
        try
        {
            _ = ApiKeyRules.Read(options);
        }
        catch (InvalidDataException invalid)
        {
            failures.AddError(invalid.Message);
        }
    }
}
