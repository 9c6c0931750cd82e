using GenAI.Chats.Grains.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Tells failures of a start that whoever started the server can mend from those that are defects, which keep their stack trace.</summary>
internal static class StartFailure
{
    // Values that are not of a setting's type; the binder has no exception of its own for them.
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";

    /// <summary>What is to be mended, a line each; null for a defect.</summary>
    public static string? Explain(Exception failure)
    {
        switch (failure)
        {
            case OptionsValidationException invalid:
                return string.Join(Environment.NewLine, invalid.Failures);
            case AggregateException { InnerExceptions: var several }:
                var explanations = several.Select(Explain).ToList();
                return explanations.Contains(null) ? null : string.Join(Environment.NewLine, explanations.Distinct());
            case InvalidOperationException { Source: Binder }:
                return failure.Message;
            case ChatStoreException:
                return failure.Message;
            case IOException { InnerException: AddressInUseException }:
                return $"{failure.Message} Another one: --Api:GrpcPort=PORT --Api:HttpPort=PORT (0: any that is free).";
            default:
                return null;
        }
    }
}
