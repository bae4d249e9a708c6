import java.io.StringReader;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.PlaintextChannelBuilder;
import org.apache.kafka.common.network.SaslChannelBuilder;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/**
 * Reads the files that pinfra renders as Kafka's own clients do.
 *
 * <p>Arguments: the pinfra binary, and the stack file whose client.properties and
 * kafka-rest.properties are rendered. Ends with 1 if a good file is refused, a broken one accepted,
 * or anything but the given values comes out.
 */
public final class Accepts {
    private static final String BROKERS = "localhost:9098";
    private static final String ROLE = "arn:aws:iam::123456789012:role/0a60b9a8a831-ec2-access-role";
    private static final String MODULE = "software.amazon.msk.auth.iam.IAMLoginModule";
    private static final String HANDLER = "software.amazon.msk.auth.iam.IAMClientCallbackHandler";

    private static String pinfra;
    private static final List<String> failures = new ArrayList<>();
    private static int checks;

    /** What a client makes of its settings. */
    private record Seen(String protocol, String mechanism, String module, String handler, String role) {}

    private static final Seen WANTED = new Seen("SASL_SSL", "AWS_MSK_IAM", MODULE, HANDLER, ROLE);

    public static void main(String[] arguments) throws Exception {
        pinfra = arguments[0];
        String stack = arguments[1];
        String client = rendered(stack, "client.properties", ROLE, "");
        String rest = rendered(stack, "kafka-rest.properties", ROLE, "localhost:2181");

        equal("client.properties", WANTED, seen(clientOf(client)));
        equal("kafka-rest.properties", WANTED, seen(restOf(rest)));
        equal("what the REST proxy itself reads", Set.of("bootstrap.servers", "zookeeper.connect"), ownOf(rest));
        equal("its brokers", BROKERS, properties(rest).get("bootstrap.servers"));
        equal("its ZooKeeper", "localhost:2181", properties(rest).get("zookeeper.connect"));
        String kraft = rendered(stack, "kafka-rest.properties", ROLE, "");
        equal("without ZooKeeper", Set.of("bootstrap.servers"), ownOf(kraft));
        equal("kafka-rest.properties without ZooKeeper", WANTED, seen(restOf(kraft)));
        wholeClients(clientOf(client));
        wholeClients(restOf(rest));

        refused("no semicolon", client, "\";", "\"", "JAAS");
        refused("no quotes", client, "\"" + ROLE + "\"", ROLE, "JAAS");
        refused("one quote", client, ROLE + "\"", ROLE, "JAAS");
        refused("no control flag", client, " required ", " ", "control flag");
        refused("another module", client, MODULE, MODULE + "s", "LoginModule");
        refused("another handler", client, HANDLER, HANDLER + "s", "could not be found");
        refused("another protocol", client, "SASL_SSL", "SASL_TLS", "SASL_TLS");
        refused("no mechanism", client, "sasl.mechanism=", "#", "GSSAPI");
        refused("no module", client, "sasl.jaas.config=", "#", "'KafkaClient' entry");

        // Kafka takes a file whose prefix was left on: only what it made of it tells.
        Map<String, Object> prefixed = properties(rest);
        equal("with the prefix left on", new Seen("PLAINTEXT", "GSSAPI", null, null, null), seen(prefixed));

        values(stack);
        if (!failures.isEmpty()) {
            failures.forEach(failure -> System.err.println("kafka: " + failure));
            System.exit(1);
        }
        System.out.println("kafka: Kafka 2.8.1 and aws-msk-iam-auth 1.1.5 agree, " + checks + " checks");
    }

    /** Values of all kinds come back as they were given, through both files and any template. */
    private static void values(String stack) throws Exception {
        List<String> odd = List.of(
            "it's \"quoted\"", "\"", "C:\\path\\new\\", "\\", "\\\"", " leads and trails ", "a=b:c#d!e", "#", "!",
            "semi;colon required x=\"y\";", "\u00e9\u00fc\u00df \u6f22\u5b57 \ud834\udd1e", "\\u0041\\n\\t", "tab\there",
            "two\nlines", "two\r\nlines\f", "${env.HOME} {{x}} &lt; <b>", "\u007f\u00a0\u2028");
        for (String value : odd) {
            equal("the role in client.properties", value, seen(clientOf(rendered(stack, "client.properties", value, ""))).role());
            equal("the role in kafka-rest.properties", value, seen(restOf(rendered(stack, "kafka-rest.properties", value, ""))).role());
        }
        Path folder = Files.createTempDirectory("pinfra-kafka");
        try {
            Path file = folder.resolve("stack.yaml");
            Files.writeString(folder.resolve("own.hbs"), "{{key name}}={{value text}}\n");
            Files.writeString(file, "stack: odd\nconfigs:\n  own.properties: { template: own.hbs, name: n, text: t }\n");
            for (String value : odd) {
                String text = run(file.toString(), "own.properties", "name=" + value, "text=" + value);
                equal("a property of one's own", Map.of(value, value), properties(text));
            }
        } finally {
            for (String name : List.of("stack.yaml", "own.hbs")) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.delete(folder);
        }
    }

    /** What the settings come to, all classes loaded and configured. */
    private static Seen seen(Map<String, Object> settings) throws Exception {
        AdminClientConfig config = new AdminClientConfig(settings);
        String protocol = config.getString("security.protocol");
        String mechanism = config.getString("sasl.mechanism");
        try (ChannelBuilder builder = ClientUtils.createChannelBuilder(config, Time.SYSTEM, new LogContext())) {
            if (builder instanceof PlaintextChannelBuilder) {
                return new Seen(protocol, mechanism, null, null, null);
            }
            var entries = JaasContext.loadClientContext(config.values()).configurationEntries();
            var handlers = (Map<?, ?>) field(SaslChannelBuilder.class, builder, "saslCallbackHandlers");
            Object handler = handlers.get(mechanism);
            String module = entries.size() + " modules";
            if (entries.size() == 1) {
                module = entries.get(0).getLoginModuleName();
            }
            return new Seen(protocol, mechanism, module, handler.getClass().getName(), role(handler));
        }
    }

    /** The role that the module's handler will assume: that of its only provider of credentials. */
    private static String role(Object handler) throws Exception {
        Object provider = field(handler.getClass(), handler, "provider");
        var assumed = (List<?>) field(provider.getClass(), provider, "closeableProviders");
        if (assumed.size() != 1) {
            return assumed.size() + " providers";
        }
        return (String) field(assumed.get(0).getClass(), assumed.get(0), "roleArn");
    }

    /** An administrator's client and a producer come up; nobody listens, and they are closed. */
    private static void wholeClients(Map<String, Object> settings) {
        Admin.create(settings).close(Duration.ZERO);
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer()).close(Duration.ZERO);
        checks += 2;
    }

    private static void refused(String what, String text, String from, String to, String reason) throws Exception {
        String broken = text.replace(from, to);
        if (broken.equals(text)) {
            failures.add(what + ": nothing to break in\n" + text);
        }
        checks++;
        Seen seen;
        try {
            seen = seen(clientOf(broken));
        } catch (Exception error) {
            StringBuilder chain = new StringBuilder();
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                chain.append(cause).append('\n');
            }
            if (!chain.toString().contains(reason)) {
                failures.add(what + ": refused, but not for \"" + reason + "\":\n" + chain);
            }
            return;
        }
        failures.add(what + ": accepted as " + seen);
    }

    /** client.properties as Kafka's tools take it, beside --bootstrap-server. */
    private static Map<String, Object> clientOf(String text) throws Exception {
        Map<String, Object> settings = properties(text);
        settings.put("bootstrap.servers", BROKERS);
        return settings;
    }

    /** kafka-rest.properties as the REST proxy hands it to its clients: what is prefixed, without the prefix. */
    private static Map<String, Object> restOf(String text) throws Exception {
        Map<String, Object> settings = new TreeMap<>();
        properties(text).forEach((key, value) -> {
            if (key.startsWith("client.")) {
                settings.put(key.substring("client.".length()), value);
            } else if (key.equals("bootstrap.servers")) {
                settings.put(key, value);
            }
        });
        return settings;
    }

    private static Set<String> ownOf(String text) throws Exception {
        Set<String> own = properties(text).keySet();
        own.removeIf(key -> key.startsWith("client."));
        return own;
    }

    private static Map<String, Object> properties(String text) throws Exception {
        Properties loaded = new Properties();
        loaded.load(new StringReader(text));
        Map<String, Object> settings = new HashMap<>();
        loaded.forEach((key, value) -> settings.put((String) key, value));
        return settings;
    }

    private static String rendered(String stack, String file, String role, String zookeeper) throws Exception {
        return run(stack, file, "bootstrap_servers=" + BROKERS, "zookeeper_connect=" + zookeeper, "role_arn=" + role);
    }

    private static String run(String stack, String file, String... set) throws Exception {
        List<String> command = new ArrayList<>(List.of(pinfra, "render-configs", stack, "--only", file, "--stdout"));
        for (String one : set) {
            command.addAll(List.of("--set", one));
        }
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " ended with " + process.exitValue());
        }
        return text;
    }

    private static Object field(Class<?> type, Object of, String name) throws Exception {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    private static void equal(String what, Object wanted, Object got) {
        checks++;
        if (!wanted.equals(got)) {
            failures.add(what + ": wanted " + wanted + ", got " + got);
        }
    }
}
