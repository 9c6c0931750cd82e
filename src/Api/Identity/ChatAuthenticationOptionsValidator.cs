using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Identity.Jwt;
using GenAI.Chats.Api.Tls;
using GenAI.Chats.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Identity;

/// <summary>Checks <see cref="ChatAuthenticationOptions"/> at startup, including the files that they name.</summary>
internal sealed class ChatAuthenticationOptionsValidator(IOptions<TlsOptions> tls) : IValidateOptions<ChatAuthenticationOptions>
{
    private const string SchemesKey = $"{ChatAuthenticationOptions.SectionName}:{nameof(ChatAuthenticationOptions.Schemes)}";

    private const ChatAuthenticationSchemes All =
        ChatAuthenticationSchemes.ApiKeys | ChatAuthenticationSchemes.Jwt | ChatAuthenticationSchemes.ClientCertificates;

    public ValidateOptionsResult Validate(string? name, ChatAuthenticationOptions options)
    {
        var failures = new List<string>();
        if ((options.Schemes & ~All) != 0)
        {
            failures.Add(SettingsCheck.Describe(SchemesKey, options.Schemes, "None, or a comma-separated list of ApiKeys, Jwt, ClientCertificates"));
        }

        Check(ChatAuthenticationSchemes.ApiKeys, ApiKeysOptions.SectionName, options.ApiKeys.IsSet, () => CheckKeys(options.ApiKeys));
        Check(ChatAuthenticationSchemes.Jwt, JwtOptions.SectionName, options.Jwt.IsSet, () => JwtRules.Check(options.Jwt));
        Check(
            ChatAuthenticationSchemes.ClientCertificates,
            ClientCertificateOptions.SectionName,
            options.ClientCertificates.IsSet,
            () => ClientCertificateRules.Check(options.ClientCertificates, tls.Value));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        // Settings of a scheme that isn't enabled suggest that somebody believes it is.
        void Check(ChatAuthenticationSchemes scheme, string section, bool isSet, Func<IEnumerable<string>> rules)
        {
            if (options.Schemes.HasFlag(scheme))
            {
                failures.AddRange(rules());
            }
            else if (isSet)
            {
                failures.Add(SettingsCheck.Describe(SchemesKey, options.Schemes, $"a list that includes {scheme}, because {section} is set"));
            }
        }
    }

    private static IEnumerable<string> CheckKeys(ApiKeysOptions options)
    {
        try
        {
            _ = ApiKeyRules.Read(options);
            return [];
        }
        catch (InvalidDataException invalid)
        {
            return [invalid.Message];
        }
    }
}
